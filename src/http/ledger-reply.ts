import type { ChangesAnswer, HoldersAnswer, PersonAnswer } from "../contract/ledger-answers.ts";
import { table } from "./csv.ts";
import type { MediaType } from "./negotiate.ts";
import { type Reply, taggedReply, type Written } from "./reply.ts";

type Answer = PersonAnswer | HoldersAnswer | ChangesAnswer;

/** What the ledger answered, in the negotiated form, or 304 when the caller has it already. */
export function ledgerReply(
  answer: Answer,
  mediaType: MediaType,
  ifNoneMatch: string | undefined,
  maxAgeSeconds: number,
): Reply {
  const written = mediaType === "text/csv" ? csvOf(answer) : jsonOf(answer);
  return taggedReply(written, mediaType, ifNoneMatch, maxAgeSeconds);
}

function jsonOf(answer: Answer): Written {
  const body = JSON.stringify(answer);
  // The request's ID, which is the last member, is no part of what the answer says.
  const passing = JSON.stringify({ request_id: answer.request_id });
  return { content: body.slice(0, 1 - passing.length), body };
}

const COVERAGE = [
  "watched_since",
  "desktops_known",
  "desktops_checked",
  "oldest_check_at",
  "complete",
  "note",
] as const;

const USER = ["user_id", "user_name", "user_group", "type"] as const;
const EVENT = [
  "desktop_id",
  "desktop_name",
  ...USER,
  "unbound_at",
  "detach_time",
  "profile",
  "event_id",
  "observed_at",
  "confirmed",
] as const;
const HOLDER = ["certainty", "from_after", "from_by", "until_after", "until_by"] as const;

/**
 * One row for each record, with what the answer rests on in columns of its own. Where there is no record there is one row
 * with these alone: an empty table would say that there was nothing.
 */
function csvOf(answer: Answer): Written {
  const { columns, rows } = tableOf(answer);
  const shared = textsOf(answer as unknown as Readonly<Record<string, unknown>>);
  const all = (rows.length > 0 ? rows : [{}]).map((row) => ({ ...shared, ...textsOf(row) }));
  const csv = table([...columns, ...COVERAGE], all);
  return { content: csv, body: csv };
}

function tableOf(answer: Answer): { columns: readonly string[]; rows: readonly object[] } {
  if ("holders" in answer) {
    const columns = ["desktop_id", "desktop_name", "profile", "at", ...USER, ...HOLDER];
    return { columns, rows: answer.holders };
  }
  return "changes" in answer
    ? { columns: [...EVENT, "cursor"], rows: answer.changes }
    : { columns: [...EVENT, "cursor"], rows: answer.unbindings };
}

function textsOf(fields: object): Record<string, string | null> {
  const texts: Record<string, string | null> = {};
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== "object" || value === null) texts[name] = value === null ? null : String(value);
  }
  return texts;
}
