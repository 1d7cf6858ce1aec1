import { useEffect, useLayoutEffect, useMemo, useState } from "preact/hooks";
import { createAsk } from "./api.ts";
import { Empty } from "./empty.tsx";
import { findRow } from "./find-row.ts";
import { Form } from "./form.tsx";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { EMPTY_QUESTION, hasFilters, type Question, readLink, readRow, writeLink } from "./link.ts";
import {
  type Preferences,
  readPreferences,
  remember,
  rememberProfiles,
  writePreferences,
} from "./preferences.ts";
import type { Problem } from "./problem.ts";
import { ProblemCard } from "./problem-card.tsx";
import { type Pointed, Results } from "./results.tsx";
import type { Completed, Session } from "./sign-in/session.ts";
import { MAX_TARGETS, readTargets } from "./targets.ts";
import { preferredLanguage, textsFor } from "./texts.ts";
import { createTimes } from "./time.ts";
import { Toolbar } from "./toolbar.tsx";
import { useLookUp } from "./use-look-up.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { type View, ViewProvider } from "./view.tsx";

const MINUTE_MS = 60_000;

interface AppProps {
  /** `null` where nobody signs in. */
  session: Session | null;
  /** What a redirect to the sign-in has brought back. */
  completed: Completed | null;
}

export function App({ session, completed }: AppProps) {
  const [preferences, setPreferences] = useState(() => readPreferences(() => localStorage));
  const [question, setQuestion] = useState<Question>(EMPTY_QUESTION);
  const [notice, setNotice] = useState("");
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [signIn, setSignIn] = useState<Problem | "leaving" | null>(completed?.problem ?? null);
  const [now, setNow] = useState(() => Date.now());
  const ask = useMemo(() => createAsk(session), [session]);
  const lookUp = useLookUp(ask);
  const { asked, isRunning } = lookUp;
  const language = preferences.language ?? preferredLanguage(navigator.languages);
  const texts = textsFor(language);
  const times = useMemo(() => createTimes(language, preferences.zone), [language, preferences.zone]);
  const view: View = { language, texts, times, now, copy: (text) => void copy(text) };

  // With the words, not after them: a screen reader must not read one language in the voice of another.
  useLayoutEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
    document.title = texts.title;
  }, [language, texts]);

  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE_MS);
    return () => clearInterval(timer);
  }, []);

  // A shared link asks by itself, and so does what was asked before signing in.
  useEffect(() => {
    const linked = readLink(location.search);
    const form = completed?.form;
    if (form && linked.desktops === "") {
      setQuestion(form.question);
      if (form.isAsked && !completed.problem) void look(form.question, form.hash);
    } else {
      setQuestion(linked);
      if (linked.desktops !== "") void look(linked, location.hash);
    }
  }, []);

  useShortcuts(
    {
      "/": () => document.getElementById("desktops")?.focus(),
      u: () => change({ zone: preferences.zone === "utc" ? "local" : "utc" }),
      "?": () => setHelpOpen(true),
      Escape: () => isRunning && lookUp.stop(),
    },
    preferences.hasSingleKeys && !isHelpOpen,
  );

  function change(changes: Partial<Preferences>): void {
    const next = { ...preferences, ...changes };
    setPreferences(next);
    writePreferences(() => localStorage, next);
  }

  async function copy(text: string): Promise<void> {
    const copied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setNotice(copied ? texts.copied : texts.notCopied);
  }

  async function leaveToSignIn(wanted: Question, hash: string, isAsked: boolean): Promise<void> {
    if (!session) return;
    setSignIn("leaving");
    setSignIn(await session.begin({ question: wanted, hash, isAsked }));
  }

  async function look(wanted: Question, hash = ""): Promise<void> {
    const targets = readTargets(wanted.desktops);
    if (targets.length === 0) return setNotice(texts.noTarget);
    if (targets.length > MAX_TARGETS) return setNotice(texts.tooMany(MAX_TARGETS));
    setNotice("");
    setPointed(null);
    setNow(Date.now());
    const names = targets.map(({ text }) => text);
    history.replaceState(null, "", `${location.pathname}${writeLink(wanted, names)}${hash}`);
    // Whoever has just come back is not sent away again: their token is new, and if it is refused they are told.
    if (session && !session.isSignedIn()) return await leaveToSignIn(wanted, hash, true);
    setSignIn(null);
    change(remember(preferences, names));
    await lookUp.start(wanted, targets);
  }

  useEffect(() => {
    const answered = asked?.looked.flatMap(({ answer }) => (answer?.ok ? [answer.result.profile] : [])) ?? [];
    const next = rememberProfiles(preferences, answered);
    if (next !== preferences) change(next);
  }, [asked]);

  // Once all is there, the row that a link points at is shown.
  useEffect(() => {
    const row = readRow(location.hash);
    if (row === null || !asked || isRunning) return;
    void findRow(asked.looked, row).then((found) => {
      setPointed(found);
      if (!found) setNotice(texts.rowMissing);
    });
  }, [asked, isRunning]);

  function choose(desktopId: string, index: number): void {
    const desktops =
      asked?.looked.map(({ target }, each) => (each === index ? desktopId : target.text)) ?? [];
    const next = { ...question, desktops: desktops.join(" ") };
    setQuestion(next);
    void look(next);
  }

  const done = asked?.looked.filter(({ answer }) => answer !== null).length ?? 0;
  const found = asked?.looked.filter(({ answer }) => answer?.ok).length ?? 0;
  const all = asked?.looked.length ?? 0;
  const progress = isRunning ? texts.progress(done, all) : texts.finished(found, all);
  const onSignIn = session ? () => void leaveToSignIn(question, location.hash, asked !== null) : null;

  return (
    <ViewProvider value={view}>
      <Header
        onLanguage={(next) => change({ language: next })}
        onZone={(zone) => change({ zone })}
        onHelp={() => setHelpOpen(true)}
        account={
          session &&
          onSignIn && {
            name: session.name(),
            isSignedIn: session.isSignedIn(),
            onSignIn,
            onSignOut: () => {
              lookUp.clear();
              setQuestion(EMPTY_QUESTION);
              history.replaceState(null, "", location.pathname);
              void session.end();
            },
          }
        }
      />
      <main>
        <Form
          question={question}
          isRunning={isRunning}
          profiles={preferences.profiles}
          onChange={setQuestion}
          onSubmit={(submitted) => void look(submitted)}
          onStop={lookUp.stop}
        />
        <div class="status">
          <p role="status">
            {notice || (signIn === "leaving" ? texts.signingIn : asked === null ? "" : progress)}
          </p>
          {asked && !isRunning && <Toolbar asked={asked} onNotice={setNotice} onRetry={lookUp.again} />}
        </div>
        {isRunning && all > 1 && <progress value={done} max={all} aria-label={progress} />}
        <div id="answers" tabIndex={-1}>
          {signIn !== null && signIn !== "leaving" && onSignIn && (
            <ProblemCard
              title={texts.signIn}
              problem={signIn}
              onRetry={onSignIn}
              onChoose={() => {}}
              onSignIn={onSignIn}
            />
          )}
          {asked ? (
            <Results
              looked={asked.looked}
              isFiltered={hasFilters(asked.question)}
              pointed={pointed}
              onRetry={(index) => void lookUp.again([index])}
              onChoose={choose}
              onSignIn={onSignIn}
            />
          ) : (
            <Empty
              recent={preferences.recent}
              isShared={preferences.isShared}
              onPick={(desktop) => {
                const next = { ...question, desktops: desktop };
                setQuestion(next);
                void look(next);
              }}
              onClear={() => change({ recent: [] })}
              onShared={(isShared) => change({ isShared, recent: [], profiles: [] })}
            />
          )}
        </div>
      </main>
      <Help
        isOpen={isHelpOpen}
        hasSingleKeys={preferences.hasSingleKeys}
        onSingleKeys={(hasSingleKeys) => change({ hasSingleKeys })}
        onClose={() => setHelpOpen(false)}
      />
    </ViewProvider>
  );
}
