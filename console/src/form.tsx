import { useState } from "preact/hooks";
import { Icon } from "./icons.tsx";
import { hasFilters, type Question } from "./link.ts";
import { Period } from "./period.tsx";
import { useView } from "./view.tsx";

interface FormProps {
  question: Question;
  isRunning: boolean;
  /** The profiles that have answered on this device. */
  profiles: readonly string[];
  onChange: (question: Question) => void;
  onSubmit: (question: Question) => void;
  onStop: () => void;
}

/** Longer than this it is a list. */
const ONE_LINE = 60;
const WIDE = "(min-width: 48rem)";

export function Form({ question, isRunning, profiles, onChange, onSubmit, onStop }: FormProps) {
  const { texts } = useView();
  const [isWide] = useState(() => matchMedia(WIDE).matches);
  const isFiltered = hasFilters(question) || question.profile !== "";
  const set = (name: keyof Question) => (event: Event) =>
    onChange({ ...question, [name]: (event.currentTarget as HTMLInputElement).value });
  return (
    <search class="no-print">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit(question);
        }}
      >
        <div class="ask">
          <label for="desktops">{texts.desktops}</label>
          <div class="ask-line">
            <Icon name="search" />
            <textarea
              id="desktops"
              rows={question.desktops.length > ONE_LINE ? 4 : 1}
              value={question.desktops}
              placeholder={texts.desktopsExample}
              aria-describedby="desktops-hint"
              autocomplete="off"
              autocapitalize="off"
              spellcheck={false}
              onInput={set("desktops")}
              onKeyDown={(event) => {
                // Enter ends a word in an input method (Chinese): only a plain one submits.
                if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
                event.preventDefault();
                // What is in the field, not what was last drawn: a scanner types faster than that.
                onSubmit({ ...question, desktops: event.currentTarget.value });
              }}
            />
            <button type="submit" class="primary">
              {texts.look}
            </button>
            {isRunning && (
              <button type="button" onClick={onStop}>
                {texts.stop}
              </button>
            )}
          </div>
          <p id="desktops-hint" class="hint">
            {texts.desktopsHint}
          </p>
        </div>
        <details class="filters" open={isWide || isFiltered}>
          <summary>{texts.filters}</summary>
          <div class="fields">
            <Period question={question} onChange={onChange} />
            <label>
              <span>{texts.user}</span>
              <input
                value={question.user}
                placeholder={texts.userAny}
                maxLength={255}
                autocomplete="off"
                spellcheck={false}
                onInput={set("user")}
              />
            </label>
            <label>
              <span>{texts.type}</span>
              <select value={question.type} onChange={set("type")}>
                <option value="">{texts.typeAny}</option>
                <option value="USER">{texts.typeUser}</option>
                <option value="GROUP">{texts.typeGroup}</option>
                {!["", "USER", "GROUP"].includes(question.type) && <option>{question.type}</option>}
              </select>
            </label>
            <Profile value={question.profile} profiles={profiles} onChange={set("profile")} />
            {isFiltered && (
              <button
                type="button"
                class="plain"
                onClick={() =>
                  onChange({ ...question, since: "", until: "", user: "", type: "", profile: "" })
                }
              >
                {texts.clearFilters}
              </button>
            )}
          </div>
        </details>
      </form>
    </search>
  );
}

interface ProfileProps {
  value: string;
  profiles: readonly string[];
  onChange: (event: Event) => void;
}

/** Any name may be typed; those that have answered on this device are offered. */
function Profile({ value, profiles, onChange }: ProfileProps) {
  const { texts } = useView();
  return (
    <label>
      <span>{texts.profile}</span>
      <input
        value={value}
        list="profiles"
        placeholder={texts.profileDefault}
        maxLength={64}
        autocomplete="off"
        spellcheck={false}
        onInput={onChange}
      />
      <datalist id="profiles">
        {profiles.map((profile) => (
          <option key={profile} value={profile} />
        ))}
      </datalist>
    </label>
  );
}
