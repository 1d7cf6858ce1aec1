import { useState } from "preact/hooks";
import { Icon } from "./icons.tsx";
import { hasFilters, type Question } from "./link.ts";
import { Period } from "./period.tsx";
import { visible } from "./plain.ts";
import type { Profiles } from "./profiles.ts";
import { useView } from "./view.tsx";

interface FormProps {
  question: Question;
  isRunning: boolean;
  /** Those that the reader may use: not known yet, or `null` where the API does not say. */
  profiles: Profiles | "unknown" | null;
  onChange: (changes: Partial<Question>) => void;
  onSubmit: () => void;
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
    onChange({ [name]: (event.currentTarget as HTMLInputElement).value });
  return (
    <search class="no-print">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          onSubmit();
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
                onChange({ desktops: event.currentTarget.value });
                onSubmit();
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
                onClick={() => onChange({ since: "", until: "", user: "", type: "", profile: "" })}
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
  profiles: FormProps["profiles"];
  onChange: (event: Event) => void;
}

/** A choice where there is one; any name may be typed where the choice is not known. */
function Profile({ value, profiles, onChange }: ProfileProps) {
  const { texts } = useView();
  if (profiles === "unknown" && value === "") return null;
  if (profiles === "unknown" || !profiles) {
    return (
      <label>
        <span>{texts.profile}</span>
        <input
          value={value}
          placeholder={texts.profileDefault}
          maxLength={64}
          autocomplete="off"
          spellcheck={false}
          onInput={onChange}
        />
      </label>
    );
  }
  const { byDefault, names } = profiles;
  if (names.length < 2 && value === "") return null;
  return (
    <label>
      <span>{texts.profile}</span>
      <select value={value} onChange={onChange}>
        <option value="">
          {byDefault === null ? texts.profileNone : texts.profileByDefault(visible(byDefault))}
        </option>
        {names
          .filter((name) => name !== byDefault || name === value)
          .map((name) => (
            <option key={name} value={name}>
              {visible(name)}
            </option>
          ))}
        {value !== "" && !names.includes(value) && <option value={value}>{visible(value)}</option>}
      </select>
    </label>
  );
}
