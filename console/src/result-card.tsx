import type { Result } from "../../src/contract/answers.ts";
import { Copy } from "./copy.tsx";
import { toTimeline } from "./lanes.ts";
import { Moment } from "./moment.tsx";
import { visible } from "./plain.ts";
import { Rows } from "./rows.tsx";
import { TimelinePicture } from "./timeline.tsx";
import { useView } from "./view.tsx";

interface ResultCardProps {
  result: Result;
  isFiltered: boolean;
  pointedAt: number | null;
}

export function ResultCard({ result, isFiltered, pointedAt }: ResultCardProps) {
  const { texts, times, now } = useView();
  const timeline = toTimeline(result.unbindings, now, times.zone);
  const name = visible(result.desktop_name) || texts.unnamed;
  const people = new Set(
    result.unbindings.map(({ type, user_id, user_name }) => `${type} ${user_id ?? user_name}`),
  );
  return (
    <section class="card" aria-label={name}>
      <header class="card-head">
        <h2>{name}</h2>
        <p class="ids">
          <code>{visible(result.desktop_id)}</code>
          <Copy text={result.desktop_id} what={texts.desktopId} />
          <span class="chip" title={texts.profile}>
            {visible(result.profile)}
          </span>
        </p>
      </header>
      <Verdict result={result} isFiltered={isFiltered} />
      {result.truncated && <p class="cut">{texts.cut(result.count, result.total)}</p>}
      {timeline && <TimelinePicture timeline={timeline} />}
      {result.unbindings.length > 0 && (
        <Rows rows={result.unbindings} profile={result.profile} pointedAt={pointedAt} />
      )}
      <p class="fine">
        {texts.unbindings(result.total)}
        {people.size > 1 && ` · ${texts.people(people.size)}`} ·{" "}
        {result.age_seconds > 0 ? texts.asOf(result.age_seconds) : texts.justNow} · {texts.requestId}{" "}
        <code>{visible(result.request_id)}</code>
      </p>
    </section>
  );
}

/** The answer in a sentence. */
function Verdict({ result, isFiltered }: { result: Result; isFiltered: boolean }) {
  const { texts, times } = useView();
  const { last_unbound_at: at, last_user_name, last_user_id, unbindings } = result;
  const who = visible(last_user_name, last_user_id) || texts.someone;
  if (unbindings.length === 0) {
    const last = at === null ? null : texts.lastOfAll(who, times.absolute(Date.parse(at)));
    return (
      <div class="verdict none">
        <p>{isFiltered ? texts.nobodyFiltered : texts.nobody}</p>
        <p class="quiet">{isFiltered ? last : texts.nobodyMeans}</p>
      </div>
    );
  }
  if (at === null) return null;
  return (
    <p class="verdict last">
      <span class="label">{texts.lastUnbound}</span> <strong>{who}</strong> <Moment instant={at} />
    </p>
  );
}
