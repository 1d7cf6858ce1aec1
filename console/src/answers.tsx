import { useEffect, useState } from "preact/hooks";
import type { Result, Unbinding } from "../../src/contract/answers.ts";
import type { Answer, Problem } from "./api.ts";
import { toTimeline } from "./lanes.ts";
import type { Target } from "./targets.ts";
import { explain, type Language, type Texts } from "./texts.ts";
import { absolute, relative } from "./time.ts";
import { TimelinePicture } from "./timeline.tsx";

interface Shared {
  texts: Texts;
  language: Language;
}

export interface AnswerCardProps extends Shared {
  target: Target;
  /** `null` while it is under way. */
  answer: Answer | null;
  isFiltered: boolean;
  onRetry: () => void;
  onChoose: (desktopId: string) => void;
}

export function AnswerCard({ target, answer, ...rest }: AnswerCardProps) {
  if (!answer) {
    return (
      <section class="card pending" aria-busy="true">
        <h2>{target.text}</h2>
      </section>
    );
  }
  return answer.ok ? (
    <ResultCard result={answer.result} {...rest} />
  ) : (
    <ProblemCard target={target} problem={answer.problem} {...rest} />
  );
}

interface ResultCardProps extends Shared {
  result: Result;
  isFiltered: boolean;
}

function ResultCard({ result, isFiltered, texts, language }: ResultCardProps) {
  const timeline = toTimeline(result.unbindings);
  const isEmpty = result.unbindings.length === 0;
  return (
    <section class="card">
      <h2>
        {result.desktop_name ?? result.desktop_id} <small>{result.desktop_id}</small>
      </h2>
      {result.last_unbound_at !== null && (
        <p class="last">
          {texts.lastUnbound} <strong>{result.last_user_name ?? texts.someone}</strong>{" "}
          <Moment instant={result.last_unbound_at} language={language} />
        </p>
      )}
      {isEmpty && <p>{isFiltered ? texts.nobodyFiltered : texts.nobody}</p>}
      {timeline && <TimelinePicture timeline={timeline} texts={texts} language={language} />}
      {!isEmpty && <Rows rows={result.unbindings} texts={texts} language={language} />}
      <p class="fine">
        {result.total === 1 ? texts.shownOne : texts.shown(result.count, result.total)} · {result.profile}
        {result.age_seconds > 0 && ` · ${texts.asOf(result.age_seconds)}`} · {texts.requestId}{" "}
        <code>{result.request_id}</code>
      </p>
    </section>
  );
}

function Rows({ rows, texts, language }: Shared & { rows: readonly Unbinding[] }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: wider than a phone it scrolls, which must work by keyboard (axe: scrollable-region-focusable)
    <section class="rows" tabIndex={0} aria-label={texts.rows}>
      <table>
        <thead>
          <tr>
            <th scope="col">{texts.when}</th>
            <th scope="col">{texts.who}</th>
            <th scope="col">{texts.as}</th>
            <th scope="col">{texts.group}</th>
            <th scope="col">{texts.userId}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td>
                <When row={row} texts={texts} language={language} />
              </td>
              <td>{row.user_name ?? texts.someone}</td>
              <td>{typeText(row.type, texts)}</td>
              <td>{row.user_group ?? ""}</td>
              <td class="id">{row.user_id ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function typeText(type: string | null, texts: Texts): string {
  if (type === "USER") return texts.typeUser;
  return type === "GROUP" ? texts.typeGroup : (type ?? "");
}

function When({ row, texts, language }: Shared & { row: Unbinding }) {
  if (row.unbound_at !== null) return <Moment instant={row.unbound_at} language={language} />;
  if (row.detach_time === null || row.detach_time.trim() === "") return <>{texts.noTime}</>;
  return (
    <>
      {row.detach_time} <small>({texts.unreadable})</small>
    </>
  );
}

function Moment({ instant, language }: { instant: string; language: Language }) {
  return (
    <time dateTime={instant} title={instant}>
      {absolute(instant, language)} <small>({relative(instant, Date.now(), language)})</small>
    </time>
  );
}

interface ProblemCardProps extends Shared {
  target: Target;
  problem: Problem;
  onRetry: () => void;
  onChoose: (desktopId: string) => void;
}

function ProblemCard({ target, problem, texts, language, onRetry, onChoose }: ProblemCardProps) {
  const { what, todo } = explain(problem.code, language);
  const wait = useCountdown(problem.retry_after_seconds ?? 0, problem);
  return (
    <section class="card problem">
      <h2>{target.text}</h2>
      <p>
        <strong>{what}</strong> {todo}
      </p>
      {wait > 0 && <p>{texts.tryAgainIn(wait)}</p>}
      {problem.errors && (
        <ul>
          {problem.errors.map(({ field, message }) => (
            <li key={field}>
              <code>{field}</code> {message}
            </li>
          ))}
        </ul>
      )}
      {problem.candidates && (
        <fieldset class="choices">
          <legend>{texts.choose}</legend>
          {problem.candidates.map((candidate) => (
            <button key={candidate.desktop_id} type="button" onClick={() => onChoose(candidate.desktop_id)}>
              {candidate.desktop_name} <small>{candidate.desktop_id}</small>
            </button>
          ))}
        </fieldset>
      )}
      {problem.retryable && (
        <button type="button" disabled={wait > 0} onClick={onRetry}>
          {texts.tryAgain}
        </button>
      )}
      <p class="fine">
        <code>{problem.code}</code>
        {problem.request_id && (
          <>
            {" "}
            · {texts.requestId} <code>{problem.request_id}</code>
          </>
        )}
      </p>
    </section>
  );
}

/** Seconds left of a wait that began when `since` was first shown. */
function useCountdown(seconds: number, since: Problem): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const endsAt = Date.now() + seconds * 1000;
    setLeft(seconds);
    if (seconds === 0) return undefined;
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((endsAt - Date.now()) / 1000));
      setLeft(rest);
      if (rest === 0) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [since, seconds]);
  return left;
}
