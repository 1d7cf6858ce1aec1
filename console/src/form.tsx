import { type Question, SPANS } from "./link.ts";
import type { Texts } from "./texts.ts";

interface FormProps {
  question: Question;
  texts: Texts;
  isRunning: boolean;
  onChange: (question: Question) => void;
  onSubmit: (question: Question) => void;
  onStop: () => void;
}

export function Form({ question, texts, isRunning, onChange, onSubmit, onStop }: FormProps) {
  const set = (name: keyof Question) => (event: Event) =>
    onChange({ ...question, [name]: (event.currentTarget as HTMLInputElement).value });
  const hasFilters = Boolean(question.since || question.user || question.type || question.profile);

  return (
    <search>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(question);
        }}
      >
        <label for="desktops">{texts.desktops}</label>
        <textarea
          id="desktops"
          rows={question.desktops.length > 60 ? 4 : 1}
          value={question.desktops}
          aria-describedby="desktops-hint"
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          onInput={set("desktops")}
          onKeyDown={(event) => {
            // Enter ends a word in an input method (Chinese): only a plain one submits.
            if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
            event.preventDefault();
            // What stands in the field, not what was last drawn: a scanner types faster than that.
            onSubmit({ ...question, desktops: event.currentTarget.value });
          }}
        />
        <p id="desktops-hint" class="hint">
          {texts.desktopsHint} {texts.keyboard}
        </p>
        <details open={hasFilters}>
          <summary>{texts.filters}</summary>
          <div class="filters">
            <label>
              {texts.since}
              <select value={question.since} onChange={set("since")}>
                <option value="">{texts.sinceAny}</option>
                {SPANS.map((span) => (
                  <option key={span} value={span}>
                    {texts[`since${span}`]}
                  </option>
                ))}
              </select>
            </label>
            <label>
              {texts.user}
              <input value={question.user} maxLength={255} autocomplete="off" onInput={set("user")} />
            </label>
            <label>
              {texts.type}
              <select value={question.type} onChange={set("type")}>
                <option value="">{texts.typeAny}</option>
                <option value="USER">{texts.typeUser}</option>
                <option value="GROUP">{texts.typeGroup}</option>
              </select>
            </label>
            <label>
              {texts.profile}
              <input value={question.profile} maxLength={64} autocomplete="off" onInput={set("profile")} />
              <span class="hint">{texts.profileHint}</span>
            </label>
          </div>
        </details>
        <div class="actions">
          <button type="submit" class="primary">
            {texts.look}
          </button>
          {isRunning && (
            <button type="button" onClick={onStop}>
              {texts.stop}
            </button>
          )}
        </div>
      </form>
    </search>
  );
}
