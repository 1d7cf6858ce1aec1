import { plainText } from "../contract/plain-text.ts";

/**
 * What a person typed, taken apart: `<desktop-id or name> [more …] [since=30d] [limit=20] [public]`, or `help`.
 * Nothing here asks anybody; what cannot be understood is quoted back.
 */
export type Command =
  | { kind: "help" }
  /** Nothing was asked for. */
  | { kind: "empty" }
  | { kind: "faulty"; faults: readonly CommandFault[] }
  | { kind: "lookup"; targets: readonly Target[]; options: Options; isPublic: boolean };

/** A desktop as a person names it. */
export type Target = { id: string } | { name: string };

/** Filters by their names, as given; the query's schema judges their values. */
export type Options = Readonly<Record<string, string>>;

export type CommandFault =
  /** With the known option that is nearest to it, if one is near. */
  | { kind: "unknown-option"; text: string; nearest: string | null }
  | { kind: "repeated-option"; text: string }
  | { kind: "malformed-id"; text: string }
  | { kind: "too-many"; count: number };

/** One card holds so many desktops. */
export const MAX_TARGETS = 5;
/** Beyond these nobody typed it. The first keeps every expression here from going over a flood of text again and again. */
const MAX_TEXT = 4000;
const MAX_TOKENS = 40;
/** What is quoted back is cut, in code points. */
const MAX_QUOTED = 64;

/** The filters of every entry that a person may set. */
export const OPTIONS = ["since", "until", "user", "type", "limit", "profile", "fresh"] as const;

const HELP = /^(?:help|\?|？|帮助|幫助)$/i;
const PUBLIC = /^(?:public|公开|公開)$/i;

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i;
/** Five groups joined by hyphens, and longer than the name of a computer may be: somebody meant an ID. */
const MEANT_AS_ID = /^(?=.{24,}$)\w+(?:-\w+){4}$/;
/** Letters and digits of any script, and what joins them. Nothing in it can walk into another path. */
const NAME = /^[\p{L}\p{N}_](?:[\p{L}\p{M}\p{N} ._-]*[\p{L}\p{M}\p{N}_-])?$/u;
const MAX_NAME = 255;

/**
 * @param text As the platform handed it over, without the mention of the bot where the platform marks it.
 */
export function parseCommand(text: string): Command {
  const tokens = tokensOf(normalise(text.slice(0, MAX_TEXT))).slice(0, MAX_TOKENS);
  if (tokens.length === 0) return { kind: "empty" };
  if (tokens.some(asksForHelp)) return { kind: "help" };

  const targets = new Map<string, Target>();
  const options: Record<string, string> = {};
  const faults: CommandFault[] = [];
  let isPublic = false;
  for (const { text: word, isQuoted, hadDash } of tokens) {
    const option = isQuoted ? null : /^([^=]*)=(.*)$/su.exec(word);
    if (option) {
      const [, key = "", value = ""] = option;
      const name = OPTIONS.find((known) => known === key.toLowerCase());
      if (name === undefined) faults.push(unknownOption(word, key));
      else if (options[name] !== undefined) faults.push({ kind: "repeated-option", text: quoted(name) });
      else options[name] = value;
    } else if (!isQuoted && PUBLIC.test(word)) {
      isPublic = true;
    } else if (hadDash || (!isQuoted && isOptionName(word))) {
      faults.push(unknownOption(word, word));
    } else {
      const target = targetOf(word);
      if (target) targets.set(word.toLowerCase(), target);
      else faults.push({ kind: "malformed-id", text: quoted(word) });
    }
  }
  if (targets.size > MAX_TARGETS) faults.push({ kind: "too-many", count: targets.size });
  if (faults.length > 0) return { kind: "faulty", faults };
  if (targets.size === 0) return { kind: "empty" };
  return { kind: "lookup", targets: [...targets.values()], options, isPublic };
}

function asksForHelp({ text, isQuoted, hadDash }: Token): boolean {
  return !isQuoted && (HELP.test(text) || (hadDash && text.toLowerCase() === "h"));
}

function targetOf(word: string): Target | null {
  if (UUID.test(word)) return { id: word };
  if (MEANT_AS_ID.test(word) || !NAME.test(word) || word.length > MAX_NAME) return null;
  return { name: word };
}

/** `since 30d`, which has no sign between: two desktops of these names are not what is meant. */
function isOptionName(word: string): boolean {
  return OPTIONS.some((name) => name === word.toLowerCase());
}

function unknownOption(text: string, key: string): CommandFault {
  return { kind: "unknown-option", text: quoted(text), nearest: nearestOption(key.toLowerCase()) };
}

function quoted(text: string): string {
  const points = [...text];
  return points.length > MAX_QUOTED ? `${points.slice(0, MAX_QUOTED).join("")}…` : text;
}

/** Up to two slips away, and fewer than the word has letters; with its sign if it takes a value. */
function nearestOption(word: string): string | null {
  const [nearest] = [...OPTIONS, "public", "help"]
    .map((name) => ({ name, slips: distance(word, name) }))
    .filter(({ name, slips }) => slips <= Math.min(2, name.length - 2))
    .sort((a, b) => a.slips - b.slips);
  if (!nearest) return null;
  return isOptionName(nearest.name) ? `${nearest.name}=` : nearest.name;
}

/** Damerau and Levenshtein's, for words that are typed: a swap of neighbours is one slip. */
function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 2) return Number.POSITIVE_INFINITY;
  let [older, old] = [[] as number[], Array.from({ length: b.length + 1 }, (_, at) => at)];
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row[j] = Math.min(
        (row[j - 1] as number) + 1,
        (old[j] as number) + 1,
        (old[j - 1] as number) + cost,
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
          ? (older[j - 2] as number) + 1
          : Number.POSITIVE_INFINITY,
      );
    }
    [older, old] = [old, row];
  }
  return old[b.length] as number;
}

interface Token {
  text: string;
  isQuoted: boolean;
  /** It began with a dash, as an option on a command line does. */
  hadDash: boolean;
}

/** What keyboards, phones and chat clients make of plain characters, made plain again. */
function normalise(text: string): string {
  return (
    // What is invisible is no part of any name; what moves the cursor separates words.
    plainText(text.replace(/[\x00-\x1f\x7f-\x9f]+/g, " "))
      .normalize("NFC")
      .replace(/&nbsp;|&#160;|&#xa0;/gi, " ")
      .replace(/&quot;|&#34;/gi, '"')
      .replace(/&lt;/gi, "<")
      .replace(/&gt;/gi, ">")
      .replace(/&amp;/gi, "&")
      // A mention in Slack's form, a channel, or a tag of Teams' with what is in it.
      .replace(/<at\b[^<>]*>.*?<\/at>/gis, " ")
      .replace(/<[@#!][^<>]*>/g, " ")
      .replace(/[\u201c\u201d\u201e\u201f\u2033\uff02\u300c\u300d]/g, '"')
      .replace(/[\u2018\u2019\u201a\u201b\uff07]/g, "'")
      .replace(/\uff1d/g, "=")
      .replace(/\s+/gu, " ")
      .replace(BLANKS_AROUND_SIGN, "$1=")
      .trim()
      .replace(LEAD, "")
  );
}

// The mention of the bot where it is plain text, and the command's own word where it comes with the text.
const LEAD = /^(?:@\S+(?: |$))*(?:[/／]?unbound(?=[ ,;，；、]|$))?/iu;

// `since = 30d`: nobody means three desktops by it.
const BLANKS_AROUND_SIGN = new RegExp(`(?<=^| )(${OPTIONS.join("|")}) ?= ?(?=\\S)`, "gi");

const TOKEN = /([^ ,;，；、"`=]+=)"([^"]*)"?|"([^"]*)"?|`([^`]*)`?|[^ ,;，；、"`]+/gu;

function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(TOKEN), ([whole, key, value, double, back]): Token => {
    const word = key === undefined ? whole : key + value;
    const inner = double ?? back;
    if (inner !== undefined) return { text: inner.trim(), isQuoted: true, hadDash: false };
    // Phones make one long dash of two short ones.
    const bare = word.replace(/^[-\u2010-\u2015\u2212]+/u, "");
    return { text: bare, isQuoted: false, hadDash: bare !== word };
  }).filter(({ text: word, isQuoted }) => word !== "" || isQuoted);
}
