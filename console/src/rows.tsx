import { useEffect, useRef, useState } from "preact/hooks";
import type { Unbinding } from "../../src/contract/answers.ts";
import { Copy } from "./copy.tsx";
import { Icon } from "./icons.tsx";
import { When, whenText } from "./moment.tsx";
import { visible } from "./plain.ts";
import { RowDetails } from "./row-details.tsx";
import { typeText } from "./type-text.ts";
import { useView } from "./view.tsx";

/** How many rows are shown at first, and at each press more. */
const PAGE = 30;

interface RowsProps {
  rows: readonly Unbinding[];
  profile: string;
  /** The row that a link points at. */
  pointedAt: number | null;
}

export function Rows({ rows, profile, pointedAt }: RowsProps) {
  const { texts } = useView();
  const [shown, setShown] = useState(PAGE);
  useEffect(() => {
    if (pointedAt !== null) setShown((before) => Math.max(before, pointedAt + 1));
  }, [pointedAt]);
  useEffect(() => {
    // Paper has no button for more.
    const showAll = () => setShown(rows.length);
    addEventListener("beforeprint", showAll);
    return () => removeEventListener("beforeprint", showAll);
  }, [rows.length]);
  const left = rows.length - shown;
  return (
    <>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: where a name is wider than the screen it scrolls, which must work by keyboard (axe: scrollable-region-focusable) */}
      <section class="rows" tabIndex={0} aria-label={texts.rows}>
        <table>
          <thead>
            <tr>
              <th scope="col">{texts.when}</th>
              <th scope="col">{texts.who}</th>
              <th scope="col" class="wide">
                {texts.as}
              </th>
              <th scope="col" class="wide">
                {texts.group}
              </th>
              <th scope="col" class="widest">
                {texts.userId}
              </th>
              <th scope="col">
                <span class="unseen">{texts.details}</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {rows.slice(0, shown).map((row, index) => (
              <Row key={index} row={row} profile={profile} isPointedAt={pointedAt === index} />
            ))}
          </tbody>
        </table>
      </section>
      {left > 0 && (
        <div class="more no-print">
          <button type="button" onClick={() => setShown(shown + PAGE)}>
            {texts.showMore(Math.min(PAGE, left), left)}
          </button>
          <button type="button" class="plain" onClick={() => setShown(rows.length)}>
            {texts.showAll}
          </button>
        </div>
      )}
    </>
  );
}

interface RowProps {
  row: Unbinding;
  profile: string;
  isPointedAt: boolean;
}

function Row({ row, profile, isPointedAt }: RowProps) {
  const view = useView();
  const { texts } = view;
  const [isOpen, setOpen] = useState(isPointedAt);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!isPointedAt) return;
    setOpen(true);
    button.current?.scrollIntoView({ block: "center" });
    button.current?.focus({ preventScroll: true });
  }, [isPointedAt]);
  const who = visible(row.user_name, row.user_id) || texts.someone;
  return (
    <>
      <tr class={isPointedAt ? "pointed-at" : undefined} aria-current={isPointedAt ? "true" : undefined}>
        <td class="when">
          <When row={row} />
          {row.unbound_at !== null && <Copy text={row.unbound_at} what={texts.when} isForPointer />}
        </td>
        <td class="who">
          <Icon name={row.type === "GROUP" ? "group" : "user"} />
          <span>{who}</span>
          {row.user_name !== null && <Copy text={row.user_name} what={texts.who} isForPointer />}
        </td>
        <td class="wide">{typeText(row.type, texts)}</td>
        <td class="wide">{visible(row.user_group)}</td>
        <td class="widest id">
          {visible(row.user_id)}
          {row.user_id !== null && <Copy text={row.user_id} what={texts.userId} isForPointer />}
        </td>
        <td class="action">
          <button
            ref={button}
            type="button"
            class="icon-button disclose"
            aria-expanded={isOpen}
            aria-label={texts.detailsOf(who, whenText(row, view))}
            onClick={() => setOpen(!isOpen)}
          >
            <Icon name="chevron" />
          </button>
        </td>
      </tr>
      {isOpen && (
        <tr class="details">
          <td colSpan={6}>
            <RowDetails row={row} profile={profile} />
          </td>
        </tr>
      )}
    </>
  );
}
