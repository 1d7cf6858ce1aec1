import { type TimedUnbinding, toUnbindings } from "../contract/unbinding.ts";
import { MalformedAnswer } from "./answer.ts";
import { topLevelKeys } from "./json.ts";

const LIST = "desktop_detach_infos";
/** More than any desktop has seen people. Rows cost memory by their number, however short they are. */
const MAX_ROWS = 20_000;

/**
 * The rows of a detach-info answer, newest first. An empty list only when the upstream said so: an array with nothing
 * beside it that speaks of an error or of rows, or an object with nothing in it but a missing or null list.
 *
 * @throws MalformedAnswer or MalformedRow for anything else.
 */
export function readHistory(body: Record<string, unknown>, text: string): TimedUnbinding[] {
  const list = body[LIST];
  if (isMentionedTwice(text) && topLevelKeys(text).filter((key) => key === LIST).length > 1) {
    throw new MalformedAnswer("the list is there twice");
  }
  if (Array.isArray(list) && list.length > 0) {
    if (list.length > MAX_ROWS) throw new MalformedAnswer(`more than ${MAX_ROWS} rows`);
    return toUnbindings(list);
  }
  const isMissing = list === undefined || list === null;
  const keys = topLevelKeys(text);
  if (!Array.isArray(list) && !(isMissing && keys.every((key) => key === LIST))) {
    throw new MalformedAnswer(`no list of ${LIST}`);
  }
  // Of two equal keys the second hides what the first said.
  if (new Set(keys).size < keys.length) throw new MalformedAnswer("a key twice beside an empty list");
  if (keys.some((key) => tellsOfError(key, body[key])))
    throw new MalformedAnswer("an error beside an empty list");
  if (keys.some((key) => tellsOfRows(key, body[key])))
    throw new MalformedAnswer("a count beside an empty list");
  return [];
}

/** Words in the names of fields that stand in errors. Without a code they classify nothing, but contradict "nobody". */
const ERROR_WORDS =
  /err|fault|exception|message|msg|reason|cause|fail|denied|denial|detail|code|authorization/i;
const SUCCESS_WORDS = /^(?:success|successful|succeeded|ok)$/i;

function tellsOfError(key: string, value: unknown): boolean {
  if (key === LIST || value === null || value === "") return false;
  return ERROR_WORDS.test(key) || (SUCCESS_WORDS.test(key) && value !== true);
}

const COUNT_WORDS =
  /^(?:total|count)$|^(?:total|record|item|row)s?_?(?:count|num|number|records|items|rows|size)$/i;

function tellsOfRows(key: string, value: unknown): boolean {
  return COUNT_WORDS.test(key) && Number(value) > 0;
}

// At most one mention and no escape, as nearly always: nobody needs to read 3 MB for its keys.
// Stryker disable next-line all: a short cut; what it lets through is looked at closely, to the same end.
function isMentionedTwice(text: string): boolean {
  return text.indexOf(LIST, text.indexOf(LIST) + 1) !== -1 || text.includes("\\u00");
}
