import { useState } from "preact/hooks";
import { readInstant } from "../../src/time/instant.ts";
import { type Question, SPANS } from "./link.ts";
import type { Texts } from "./texts/en.ts";
import { fromField, toField } from "./time.ts";
import { useView } from "./view.tsx";

const CUSTOM = "custom";
const MINUTE_MS = 60_000;

interface PeriodProps {
  question: Question;
  onChange: (changes: Partial<Question>) => void;
}

/** All time, a span before now, or dates of one's own. */
export function Period({ question, onChange }: PeriodProps) {
  const { texts } = useView();
  const { since, until } = question;
  const [wantsDates, setWantsDates] = useState(false);
  const isCustom = wantsDates || until !== "" || readInstant(since) !== null;
  const isListed = since === "" || SPANS.some((span) => span === since);
  function choose(value: string): void {
    setWantsDates(value === CUSTOM);
    onChange({ since: value === CUSTOM ? "" : value, until: "" });
  }
  return (
    <>
      <label>
        <span>{texts.since}</span>
        <select value={isCustom ? CUSTOM : since} onChange={(event) => choose(event.currentTarget.value)}>
          <option value="">{texts.sinceAny}</option>
          {SPANS.map((span) => (
            <option key={span} value={span}>
              {texts[`since${span}`]}
            </option>
          ))}
          {!isListed && !isCustom && <option value={since}>{spanText(since, texts)}</option>}
          <option value={CUSTOM}>{texts.sinceCustom}</option>
        </select>
      </label>
      {isCustom && <Dates question={question} onChange={onChange} />}
    </>
  );
}

function spanText(since: string, texts: Texts): string {
  const [, count, unit = ""] = /^(\d{1,6})([dhm])$/.exec(since) ?? [];
  return count === undefined ? since : texts.sinceSpan(Number(count), unit);
}

function Dates({ question, onChange }: PeriodProps) {
  const { texts, times } = useView();
  const shown = (bound: string) => {
    const instant = readInstant(bound);
    return instant === null ? "" : toField(instant, times.zone);
  };
  /** The whole of the last minute belongs to the period. */
  const set = (name: "since" | "until", text: string) => {
    const instant = fromField(text, times.zone);
    const moment = instant === null ? null : name === "since" ? instant : instant + MINUTE_MS - 1;
    onChange({ [name]: moment === null ? "" : new Date(moment).toISOString() });
  };
  return (
    <>
      {(["since", "until"] as const).map((name) => (
        <label key={name}>
          <span>
            {name === "since" ? texts.from : texts.to} <small>{times.zoneName}</small>
          </span>
          <input
            type="datetime-local"
            value={shown(question[name])}
            max="9999-12-31T23:59"
            onChange={(event) => set(name, event.currentTarget.value)}
          />
        </label>
      ))}
    </>
  );
}
