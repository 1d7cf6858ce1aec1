import { useEffect, useRef, useState } from "preact/hooks";
import { toCsv } from "../../src/http/csv.ts";
import { AnswerCard } from "./answers.tsx";
import type { Answer } from "./api.ts";
import { Form } from "./form.tsx";
import { EMPTY_QUESTION, type Question, readLink, writeLink } from "./link.ts";
import { run } from "./run.ts";
import { MAX_TARGETS, readTargets, type Target } from "./targets.ts";
import { type Language, preferredLanguage, textsFor } from "./texts.ts";

/** One look-up of all targets: what was asked, and what has come so far. */
interface Asked {
  question: Question;
  targets: readonly Target[];
  answers: readonly (Answer | null)[];
}

export function App() {
  const [language, setLanguage] = useState<Language>(() => preferredLanguage(navigator.languages));
  const [question, setQuestion] = useState<Question>(EMPTY_QUESTION);
  const [asked, setAsked] = useState<Asked | null>(null);
  const [notice, setNotice] = useState("");
  const controller = useRef<AbortController | null>(null);
  const texts = textsFor(language);

  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = texts.title;
  }, [language, texts]);

  // A shared link asks by itself.
  useEffect(() => {
    const linked = readLink(location.search);
    setQuestion(linked);
    if (linked.desktops) void look(linked);
    return () => controller.current?.abort();
  }, []);

  async function look(wanted: Question): Promise<void> {
    const targets = readTargets(wanted.desktops);
    if (targets.length === 0) return setNotice(texts.noTarget);
    if (targets.length > MAX_TARGETS) return setNotice(texts.tooMany(MAX_TARGETS));
    setNotice("");
    const names = targets.map(({ text }) => text);
    history.replaceState(null, "", `${location.pathname}${writeLink(wanted, names)}`);
    const answers: (Answer | null)[] = targets.map(() => null);
    await ask(
      { question: wanted, targets, answers },
      targets.map((_, index) => index),
    );
  }

  /** Asks for some of the targets, and shows each answer as it comes. */
  async function ask(base: Asked, indexes: readonly number[]): Promise<void> {
    controller.current?.abort();
    const current = new AbortController();
    controller.current = current;
    const answers = base.answers.map((answer, index) => (indexes.includes(index) ? null : answer));
    setAsked({ ...base, answers: [...answers] });
    const wanted = indexes.map((index) => base.targets[index] as Target);
    try {
      await run(wanted, base.question, current.signal, (position, answer) => {
        answers[indexes[position] as number] = answer;
        setAsked({ ...base, answers: [...answers] });
      });
    } catch (error) {
      // Stopped by whoever asked, or by a new question.
      if (!current.signal.aborted) throw error;
    }
  }

  function stop(): void {
    controller.current?.abort();
    controller.current = null;
    setAsked((before) => before && keepAnswered(before));
  }

  function choose(desktopId: string, instead: string): void {
    const desktops = readTargets(question.desktops).map(({ text }) => (text === instead ? desktopId : text));
    const next = { ...question, desktops: desktops.join(" ") };
    setQuestion(next);
    void look(next);
  }

  async function copy(text: string): Promise<void> {
    const copied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setNotice(copied ? texts.copied : texts.notCopied);
  }

  const done = asked?.answers.filter((answer) => answer !== null).length ?? 0;
  const all = asked?.targets.length ?? 0;
  const isRunning = asked !== null && done < all;
  const results = asked?.answers.flatMap((answer) => (answer?.ok ? [answer.result] : [])) ?? [];
  const isFiltered =
    asked !== null && Boolean(asked.question.since || asked.question.user || asked.question.type);

  return (
    <>
      <header>
        <div>
          <h1>{texts.title}</h1>
          <p>{texts.lead}</p>
        </div>
        <button
          type="button"
          lang={language === "zh" ? "en" : "zh-CN"}
          onClick={() => setLanguage(language === "zh" ? "en" : "zh")}
        >
          {texts.otherLanguage}
        </button>
      </header>
      <main>
        <Form
          question={question}
          texts={texts}
          isRunning={isRunning}
          onChange={setQuestion}
          onSubmit={(asked) => void look(asked)}
          onStop={stop}
        />
        {isRunning && all > 1 && <progress value={done} max={all} aria-label={texts.progress(done, all)} />}
        <p role="status" class="notice">
          {notice ||
            (asked === null
              ? ""
              : isRunning
                ? texts.progress(done, all)
                : texts.finished(results.length, all))}
        </p>
        {results.length > 0 && !isRunning && (
          <div class="actions">
            <button
              type="button"
              onClick={() => void copy(toCsv(results.flatMap(({ unbindings }) => unbindings)))}
            >
              {texts.copyCsv}
            </button>
            <button type="button" onClick={() => void copy(location.href)}>
              {texts.copyLink}
            </button>
          </div>
        )}
        {asked?.targets.map((target, index) => (
          <AnswerCard
            key={target.text}
            target={target}
            answer={asked.answers[index] ?? null}
            isFiltered={isFiltered}
            texts={texts}
            language={language}
            onRetry={() => void ask(asked, [index])}
            onChoose={(desktopId) => choose(desktopId, target.text)}
          />
        ))}
      </main>
    </>
  );
}

/** What is left of a look-up that was stopped. */
function keepAnswered({ question, targets, answers }: Asked): Asked {
  const kept = targets.map((_, index) => index).filter((index) => answers[index] !== null);
  return {
    question,
    targets: kept.map((index) => targets[index] as Target),
    answers: kept.map((index) => answers[index] as Answer),
  };
}
