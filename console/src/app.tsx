import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { createAsk } from "./api.ts";
import { Empty } from "./empty.tsx";
import { findRow } from "./find-row.ts";
import { Form } from "./form.tsx";
import { Header } from "./header.tsx";
import { Help } from "./help.tsx";
import { EMPTY_QUESTION, hasFilters, type Question, readLink, readRow, writeLink } from "./link.ts";
import { remember } from "./preferences.ts";
import type { Problem } from "./problem.ts";
import { ProblemCard } from "./problem-card.tsx";
import { type Pointed, Results } from "./results.tsx";
import type { Opening, Session } from "./sign-in/session.ts";
import { MAX_TARGETS, readTargets } from "./targets.ts";
import { preferredLanguage, textsFor } from "./texts.ts";
import { createTimes } from "./time.ts";
import { Toolbar } from "./toolbar.tsx";
import { useLookUp } from "./use-look-up.ts";
import { usePreferences } from "./use-preferences.ts";
import { useProfiles } from "./use-profiles.ts";
import { useQuestion } from "./use-question.ts";
import { useShortcuts } from "./use-shortcuts.ts";
import { type View, ViewProvider } from "./view.tsx";

const MINUTE_MS = 60_000;

interface AppProps {
  /** `null` where nobody signs in. */
  session: Session | null;
  opening: Opening;
}

export function App({ session, opening }: AppProps) {
  const [preferences, change] = usePreferences();
  const [linked] = useState(() => readLink(location.search));
  const asking = useQuestion(() => (linked.desktops === "" ? (opening.form?.question ?? linked) : linked));
  const { question } = asking;
  const [notice, setNotice] = useState("");
  const [isHelpOpen, setHelpOpen] = useState(false);
  const [pointed, setPointed] = useState<Pointed | null>(null);
  const [signIn, setSignIn] = useState<Problem | "under way" | null>(opening.signingIn && "under way");
  /** How many look-ups were begun: one that waited for something gives way to a later one. */
  const begun = useRef(0);
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

  // Before anything is painted: whoever types at once types into a page that is ready.
  useLayoutEffect(() => {
    const { form, signingIn } = opening;
    if (signingIn) {
      const before = begun.current;
      void signingIn.then((problem) => {
        setSignIn(problem);
        // What was asked before signing in, unless something else was asked meanwhile.
        if (form?.isAsked && !problem && begun.current === before) void look(form.question, form.hash);
      });
    } else if (linked.desktops !== "") {
      // Back from the provider without having signed in: to be sent there again at once would be a trap.
      if (form && isSame(form.question, linked)) setNotice(texts.signInNote);
      else void look(linked, location.hash);
    }
  }, []);

  // A page that is shown again out of the browser's memory is not under way any more.
  useEffect(() => {
    const settle = ({ persisted }: PageTransitionEvent) => persisted && setSignIn(null);
    addEventListener("pageshow", settle);
    return () => removeEventListener("pageshow", settle);
  }, []);

  useShortcuts(
    {
      "/": () => document.getElementById("desktops")?.focus(),
      u: () => change((before) => ({ ...before, zone: before.zone === "utc" ? "local" : "utc" })),
      "?": () => setHelpOpen(true),
      Escape: () => isRunning && lookUp.stop(),
    },
    preferences.hasSingleKeys && !isHelpOpen,
  );

  async function copy(text: string): Promise<void> {
    const copied = await navigator.clipboard?.writeText(text).then(
      () => true,
      () => false,
    );
    setNotice(copied ? texts.copied : texts.notCopied);
  }

  async function leaveToSignIn(wanted: Question, hash: string, isAsked: boolean): Promise<void> {
    if (!session) return;
    setSignIn("under way");
    setSignIn(await session.begin({ question: wanted, hash, isAsked }));
  }

  async function look(wanted: Question, hash = ""): Promise<void> {
    const targets = readTargets(wanted.desktops);
    if (targets.length === 0) return setNotice(texts.noTarget);
    if (targets.length > MAX_TARGETS) return setNotice(texts.tooMany(MAX_TARGETS));
    setNotice("");
    setPointed(null);
    setNow(Date.now());
    const turn = ++begun.current;
    const names = targets.map(({ text }) => text);
    history.replaceState(null, "", `${location.pathname}${writeLink(wanted, names)}${hash}`);
    if (opening.signingIn) await opening.signingIn;
    if (turn !== begun.current) return;
    // Whoever has just come back is not sent away again: their token is new, and if it is refused they are told.
    if (session && !session.isSignedIn()) return await leaveToSignIn(wanted, hash, true);
    setSignIn(null);
    change((before) => remember(before, names));
    await lookUp.start(wanted, targets);
  }

  const isQuiet = (session === null || session.isSignedIn()) && signIn === null && !isRunning;
  const { profiles, forget } = useProfiles(session, isQuiet);

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
    submit({ desktops: desktops.join(" ") });
  }

  function submit(changes: Partial<Question> = {}): void {
    asking.change(changes);
    void look(asking.latest());
  }

  const done = asked?.looked.filter(({ answer }) => answer !== null).length ?? 0;
  const found = asked?.looked.filter(({ answer }) => answer?.ok).length ?? 0;
  const all = asked?.looked.length ?? 0;
  const progress = isRunning ? texts.progress(done, all) : texts.finished(found, all);
  const onSignIn = session ? () => void leaveToSignIn(asking.latest(), location.hash, asked !== null) : null;

  return (
    <ViewProvider value={view}>
      <Header
        onLanguage={(next) => change((before) => ({ ...before, language: next }))}
        onZone={(zone) => change((before) => ({ ...before, zone }))}
        onHelp={() => setHelpOpen(true)}
        account={
          session &&
          onSignIn && {
            name: session.name(),
            isSignedIn: session.isSignedIn(),
            onSignIn,
            onSignOut: () => {
              lookUp.clear();
              asking.change(EMPTY_QUESTION);
              forget();
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
          profiles={profiles}
          onChange={asking.change}
          onSubmit={() => submit()}
          onStop={lookUp.stop}
        />
        <div class="status">
          <p role="status">
            {notice || (signIn === "under way" ? texts.signingIn : asked === null ? "" : progress)}
          </p>
          {asked && !isRunning && <Toolbar asked={asked} onNotice={setNotice} onRetry={lookUp.again} />}
        </div>
        {isRunning && all > 1 && <progress value={done} max={all} aria-label={progress} />}
        <div id="answers" tabIndex={-1}>
          {signIn !== null && signIn !== "under way" && onSignIn && (
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
              onPick={(desktop) => submit({ desktops: desktop })}
              onClear={() => change((before) => ({ ...before, recent: [] }))}
              onShared={(isShared) => change((before) => ({ ...before, isShared, recent: [] }))}
            />
          )}
        </div>
      </main>
      <Help
        isOpen={isHelpOpen}
        hasSingleKeys={preferences.hasSingleKeys}
        onSingleKeys={(hasSingleKeys) => change((before) => ({ ...before, hasSingleKeys }))}
        onClose={() => setHelpOpen(false)}
      />
    </ViewProvider>
  );
}

/** Whether they ask the same; the form has the desktops as they were typed, the address each by itself. */
function isSame(form: Question, linked: Question): boolean {
  const asLink = (each: Question) =>
    writeLink(
      each,
      readTargets(each.desktops).map(({ text }) => text),
    );
  return asLink(form) === asLink(linked);
}
