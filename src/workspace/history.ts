import { type TimedUnbinding, toUnbindings } from "../contract/unbinding.ts";
import { MalformedAnswer } from "./answer.ts";

const LIST = "desktop_detach_infos";

/**
 * The rows of a detach-info answer, newest first. An empty list only when the upstream said so: an array, with no error's
 * words beside it, or an object with nothing in it but a missing or null list.
 *
 * @throws MalformedAnswer or MalformedRow for anything else.
 */
export function readHistory(body: Record<string, unknown>, text: string): TimedUnbinding[] {
  if (countLists(text) > 1) throw new MalformedAnswer("the list is there twice");
  const list = body[LIST];
  if (Array.isArray(list)) {
    if (list.length === 0 && tellsOfError(body)) throw new MalformedAnswer("an error beside an empty list");
    return toUnbindings(list);
  }
  const isMissing = list === undefined || list === null;
  if (isMissing && Object.keys(body).every((key) => key === LIST)) return [];
  throw new MalformedAnswer(`no list of ${LIST}`);
}

/** What stands in errors alone. Without a code it is no error that can be classified, but a reason not to believe "nobody". */
const ERROR_KEYS = [
  "error",
  "errors",
  "error_msg",
  "errorMsg",
  "errorMessage",
  "encoded_authorization_message",
] as const;

function tellsOfError(body: Record<string, unknown>): boolean {
  return ERROR_KEYS.some((key) => body[key] !== undefined && body[key] !== null && body[key] !== "");
}

// Inside a text the quotes would be escaped, so that this is a key and nothing else.
const LIST_KEY = new RegExp(`"${LIST}"\\s*:`, "g");
/** The letters of the key, if they are written as JSON escapes. */
const ESCAPED_LETTER = /\\u00(5f|6[1-9a-f]|7[0-9a])/gi;

// JSON.parse takes the last of two equal keys: an empty list must not hide a full one.
function countLists(text: string): number {
  // At most one mention and no escape, as nearly always: no regular expression needs to read 3 MB.
  // Stryker disable next-line all: a short cut; what it lets through is counted below, to the same end.
  const isThereOnce = text.indexOf(LIST, text.indexOf(LIST) + 1) === -1 && !text.includes("\\u00");
  // Stryker disable next-line ConditionalExpression: as above.
  if (isThereOnce) return 1;
  const plain = text.replace(ESCAPED_LETTER, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
  return plain.match(LIST_KEY)?.length ?? 0;
}
