import type { Answer } from "./api.ts";
import { Icon } from "./icons.tsx";
import { Moment } from "./moment.tsx";
import { visible } from "./plain.ts";
import { ProblemCard } from "./problem-card.tsx";
import { ResultCard } from "./result-card.tsx";
import type { Looked } from "./table.ts";
import { useView } from "./view.tsx";

export interface Pointed {
  /** Which of the answers, and which of its rows. */
  answer: number;
  row: number;
}

interface ResultsProps {
  looked: readonly Looked[];
  isFiltered: boolean;
  pointed: Pointed | null;
  onRetry: (index: number) => void;
  onChoose: (desktopId: string, index: number) => void;
  onSignIn: (() => void) | null;
}

export function Results({ looked, isFiltered, pointed, onRetry, onChoose, onSignIn }: ResultsProps) {
  return (
    <>
      {looked.length > 1 && <Overview looked={looked} />}
      {looked.map(({ target, answer }, index) => (
        <div key={target.text} id={`answer-${index}`} class="answer">
          {!answer && <Skeleton title={visible(target.text)} />}
          {answer?.ok && (
            <ResultCard
              result={answer.result}
              isFiltered={isFiltered}
              pointedAt={pointed?.answer === index ? pointed.row : null}
            />
          )}
          {answer?.ok === false && (
            <ProblemCard
              title={visible(target.text)}
              problem={answer.problem}
              onRetry={() => onRetry(index)}
              onChoose={(desktopId) => onChoose(desktopId, index)}
              onSignIn={onSignIn}
            />
          )}
        </div>
      ))}
    </>
  );
}

/** As tall as most answers, so that nothing jumps when one comes. */
function Skeleton({ title }: { title: string }) {
  return (
    <section class="card pending" aria-busy="true" aria-label={title}>
      <header class="card-head">
        <h2>{title}</h2>
      </header>
      <div class="bone wide-bone" />
      <div class="bone tall-bone" />
      <div class="bone" />
      <div class="bone" />
      <div class="bone" />
    </section>
  );
}

/** Several desktops at a glance, each line a way to its answer. */
function Overview({ looked }: { looked: readonly Looked[] }) {
  const { texts } = useView();
  return (
    <nav class="card overview" aria-label={texts.overview}>
      <ul>
        {looked.map(({ target, answer }, index) => (
          <li key={target.text}>
            <a href={`#answer-${index}`}>{nameOf(target.text, answer)}</a>
            <InShort answer={answer} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function nameOf(asked: string, answer: Answer | null): string {
  return visible(answer?.ok ? answer.result.desktop_name : null, asked);
}

function InShort({ answer }: { answer: Answer | null }) {
  const { texts } = useView();
  if (!answer) return <span class="quiet">…</span>;
  if (!answer.ok) {
    return (
      <span class="bad">
        <Icon name="alert" /> <code>{visible(answer.problem.code)}</code>
      </span>
    );
  }
  const { last_unbound_at: at, last_user_name, last_user_id } = answer.result;
  if (at === null) return <span class="quiet">{texts.neverUnbound}</span>;
  return (
    <span>
      <strong>{visible(last_user_name, last_user_id) || texts.someone}</strong> <Moment instant={at} />
    </span>
  );
}
