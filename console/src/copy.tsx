import { Icon } from "./icons.tsx";
import { useView } from "./view.tsx";

interface CopyProps {
  /** What is copied, exactly as it came. */
  text: string;
  /** What it is called. */
  what: string;
  /** In a table the pointer's way only: every row has the same under its details, which the keyboard reaches. */
  isForPointer?: boolean;
}

export function Copy({ text, what, isForPointer = false }: CopyProps) {
  const { texts, copy } = useView();
  return (
    <button
      type="button"
      class="icon-button copy"
      tabIndex={isForPointer ? -1 : undefined}
      aria-label={texts.copyOf(what)}
      title={texts.copyOf(what)}
      onClick={() => copy(text)}
    >
      <Icon name="copy" />
    </button>
  );
}
