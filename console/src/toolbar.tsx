import { Icon } from "./icons.tsx";
import { fileName, toTable } from "./table.ts";
import type { Asked } from "./use-look-up.ts";
import { useView } from "./view.tsx";

interface ToolbarProps {
  asked: Asked;
  onNotice: (notice: string) => void;
  onRetry: (indexes: readonly number[]) => Promise<void>;
}

/** What can be done with all answers together. */
export function Toolbar({ asked: { looked }, onNotice, onRetry }: ToolbarProps) {
  const { texts, copy } = useView();
  const failed = looked.flatMap(({ answer }, index) => (answer?.ok ? [] : [index]));
  function download(): void {
    const name = fileName(looked, new Date());
    save(toTable(looked), name);
    onNotice(texts.downloaded(name));
  }
  return (
    <div class="actions no-print">
      {looked.length > 1 && failed.length > 0 && (
        <button type="button" onClick={() => void onRetry(failed)}>
          <Icon name="retry" /> {texts.retryFailed(failed.length)}
        </button>
      )}
      <button type="button" onClick={() => copy(location.href)}>
        <Icon name="link" /> {texts.copyLink}
      </button>
      <button type="button" onClick={() => copy(toTable(looked))}>
        <Icon name="copy" /> {texts.copyCsv}
      </button>
      <button type="button" onClick={download}>
        <Icon name="download" /> {texts.downloadCsv}
      </button>
      <button type="button" onClick={() => print()}>
        <Icon name="print" /> {texts.print}
      </button>
    </div>
  );
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/csv;charset=utf-8" }));
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  // The browser has taken hold of it by then.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
