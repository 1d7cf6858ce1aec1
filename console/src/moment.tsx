import type { Unbinding } from "../../src/contract/answers.ts";
import { visible } from "./plain.ts";
import { SEPARATORS } from "./time.ts";
import { useView, type View } from "./view.tsx";

export function Moment({ instant }: { instant: string }) {
  const { times, language, now } = useView();
  const at = Date.parse(instant);
  return (
    <time dateTime={instant}>
      <span>
        {times.day(at)}
        {SEPARATORS[language].trim()}
      </span>{" "}
      <span>{times.clock(at)}</span> <small>{times.relative(at, now)}</small>
    </time>
  );
}

// A date and a time of day, and no zone.
const ZONELESS = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(?::\d{2}(?:[.,:]\d+)?)?$/;

/** Why a time is not shown as one; `null` when there is no text to show either. */
function faultOf(detachTime: string, { texts }: View): string {
  return ZONELESS.test(detachTime) ? texts.noZone : texts.notReadable;
}

/** When it was, or what Huawei Cloud wrote in place of that. */
export function When({ row }: { row: Unbinding }) {
  const view = useView();
  if (row.unbound_at !== null) return <Moment instant={row.unbound_at} />;
  const raw = visible(row.detach_time);
  if (raw === "") return <>{view.texts.noTime}</>;
  return (
    <>
      {raw} <small>({faultOf(raw, view)})</small>
    </>
  );
}

/** The same in one text. */
export function whenText(row: Unbinding, view: View): string {
  if (row.unbound_at !== null) return view.times.absolute(Date.parse(row.unbound_at));
  const raw = visible(row.detach_time);
  return raw === "" ? view.texts.noTime : `${raw} (${faultOf(raw, view)})`;
}
