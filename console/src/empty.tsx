import { visible } from "./plain.ts";
import { useView } from "./view.tsx";

interface EmptyProps {
  recent: readonly string[];
  isShared: boolean;
  onPick: (desktop: string) => void;
  onClear: () => void;
  onShared: (isShared: boolean) => void;
}

/** Before anything was asked: what this page does, how an answer reads, and what was looked up lately. */
export function Empty({ recent, isShared, onPick, onClear, onShared }: EmptyProps) {
  const { texts } = useView();
  return (
    <div class="empty">
      <section class="card">
        <h2>{texts.emptyTitle}</h2>
        <p class="quiet">{texts.lead}</p>
        <ol class="steps">
          {texts.emptySteps.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
        <h3>{texts.emptyLegend}</h3>
        <ul class="legend">
          <li>
            <span class="mark" /> {texts.legendUser}
          </li>
          <li>
            <span class="mark group" /> {texts.legendGroup}
          </li>
          <li>
            <span class="mark last" /> {texts.legendLast}
          </li>
        </ul>
      </section>
      <section class="card recent">
        <h2>{texts.recent}</h2>
        <p class="quiet">
          {isShared ? texts.recentOff : recent.length === 0 ? texts.recentNone : texts.recentNote}
        </p>
        {recent.length > 0 && (
          <ul class="chips">
            {recent.map((desktop) => (
              <li key={desktop}>
                <button type="button" onClick={() => onPick(desktop)}>
                  {visible(desktop)}
                </button>
              </li>
            ))}
          </ul>
        )}
        <div class="actions">
          <label class="check">
            <input
              type="checkbox"
              checked={isShared}
              onChange={(event) => onShared(event.currentTarget.checked)}
            />
            {texts.shared}
          </label>
          {recent.length > 0 && (
            <button type="button" class="plain" onClick={onClear}>
              {texts.clearRecent}
            </button>
          )}
        </div>
      </section>
    </div>
  );
}
