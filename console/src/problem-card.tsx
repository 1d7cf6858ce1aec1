import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { explain } from "./explanations.ts";
import { Icon } from "./icons.tsx";
import { visible } from "./plain.ts";
import type { Problem } from "./problem.ts";
import { useView } from "./view.tsx";

interface ProblemCardProps {
  /** What was asked for. */
  title: string;
  problem: Problem;
  onRetry: () => void;
  onChoose: (desktopId: string) => void;
  /** `null` where nobody signs in. */
  onSignIn: (() => void) | null;
}

const SIGNED_OUT = new Set<string>([
  "SESSION_EXPIRED",
  "UNAUTHENTICATED",
  "SIGN_IN_FAILED",
  "SIGN_IN_UNREACHABLE",
]);

export function ProblemCard({ title, problem, onRetry, onChoose, onSignIn }: ProblemCardProps) {
  const { texts, language } = useView();
  const { what, todo, means } = explain(problem.code, language);
  const wait = useCountdown(problem.retry_after_seconds ?? 0, problem);
  const needsSignIn = onSignIn !== null && SIGNED_OUT.has(problem.code);
  const canRetry = !needsSignIn && (problem.retryable || problem.code === "STOPPED");
  return (
    <section class="card problem" aria-label={title}>
      <header class="card-head">
        <h2>
          <Icon name="alert" /> {title}
        </h2>
      </header>
      <p>
        <strong>{what}</strong> {todo}
      </p>
      <Faults problem={problem} />
      {problem.candidates && (
        <fieldset class="choices">
          <legend>{texts.choose}</legend>
          {problem.candidates.map(({ desktop_id, desktop_name }) => (
            <button key={desktop_id} type="button" onClick={() => onChoose(desktop_id)}>
              {visible(desktop_name, desktop_id)} <small>{visible(desktop_id)}</small>
            </button>
          ))}
        </fieldset>
      )}
      {wait > 0 && <p>{texts.tryAgainIn(wait)}</p>}
      <div class="actions no-print">
        {needsSignIn && (
          <button type="button" class="primary" onClick={onSignIn}>
            {texts.signIn}
          </button>
        )}
        {canRetry && (
          <button type="button" disabled={wait > 0} onClick={onRetry}>
            <Icon name="retry" /> {texts.tryAgain}
          </button>
        )}
      </div>
      <details class="means">
        <summary>{texts.means}</summary>
        <p>{means}</p>
      </details>
      <p class="fine">
        <code>{visible(problem.code)}</code>
        {problem.code.startsWith("SIGN_IN") && problem.detail !== "" && (
          <Part>{visible(problem.detail)}</Part>
        )}
        {problem.request_id && (
          <Part>
            {texts.requestId} <code>{visible(problem.request_id)}</code>
          </Part>
        )}
      </p>
    </section>
  );
}

function Part({ children }: { children: ComponentChildren }) {
  return <> · {children}</>;
}

function Faults({ problem: { errors } }: { problem: Problem }) {
  if (!errors) return null;
  return (
    <ul>
      {errors.map(({ field, message }) => (
        <li key={field}>
          <code>{visible(field)}</code> {visible(message)}
        </li>
      ))}
    </ul>
  );
}

/** Seconds left of a wait that began when `since` was first shown. */
function useCountdown(seconds: number, since: Problem): number {
  const [left, setLeft] = useState(seconds);
  useEffect(() => {
    const endsAt = performance.now() + seconds * 1000;
    setLeft(seconds);
    if (seconds === 0) return undefined;
    const timer = setInterval(() => {
      const rest = Math.max(0, Math.ceil((endsAt - performance.now()) / 1000));
      setLeft(rest);
      if (rest === 0) clearInterval(timer);
    }, 1000);
    return () => clearInterval(timer);
  }, [since, seconds]);
  return left;
}
