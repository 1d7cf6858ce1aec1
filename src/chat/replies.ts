import { NO_STORE, type Reply } from "../http/reply.ts";

/** A silent yes. */
export const EMPTY: Reply = { status: 200, headers: { "cache-control": NO_STORE }, body: "" };

export function textReply(text: string): Reply {
  return {
    status: 200,
    headers: { "content-type": "text/plain; charset=utf-8", "cache-control": NO_STORE },
    body: text,
  };
}
