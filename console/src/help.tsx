import { useEffect, useRef } from "preact/hooks";
import { useView } from "./view.tsx";

interface HelpProps {
  isOpen: boolean;
  hasSingleKeys: boolean;
  onSingleKeys: (hasSingleKeys: boolean) => void;
  onClose: () => void;
}

/** What the keyboard does here; shortcuts of a single key can be switched off (WCAG 2.1.4). */
export function Help({ isOpen, hasSingleKeys, onSingleKeys, onClose }: HelpProps) {
  const { texts } = useView();
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (isOpen) dialog.current?.showModal();
    else dialog.current?.close();
  }, [isOpen]);
  return (
    <dialog ref={dialog} aria-label={texts.help} onClose={onClose}>
      <h2>{texts.help}</h2>
      <dl class="keys">
        {texts.keys.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input
          type="checkbox"
          checked={hasSingleKeys}
          onChange={(event) => onSingleKeys(event.currentTarget.checked)}
        />
        {texts.singleKeys}
      </label>
      <p class="actions dialog-end">
        <button type="button" class="primary" onClick={onClose}>
          {texts.close}
        </button>
      </p>
    </dialog>
  );
}
