import { type LedgerQuestion, needsLedger } from "../recall/kind.ts";
import type { OpenRecall } from "../recall/ports.ts";
import type { Exchange } from "./exchange.ts";
import { negotiate } from "./negotiate.ts";
import { readInput } from "./read-input.ts";
import type { Reply } from "./reply.ts";
import type { HttpRequest } from "./request.ts";
import type { Route } from "./router.ts";

export interface LedgerParts {
  /** `null` where there is no ledger. */
  openRecall: OpenRecall | null;
  resultTtlMs: number;
}

/** Routes that are there with a ledger alone. */
export function createLedgerRoutes(parts: LedgerParts): Route[] {
  if (!parts.openRecall) return [];
  const route = (path: string, question: LedgerQuestion): Route => ({
    method: "GET",
    path,
    answer: (exchange, parameters) => answer(parts, question, exchange, parameters),
  });
  return [
    route("/v1/desktops/{desktop_id}/holders", "holders"),
    route("/v1/holders", "holders"),
    route("/v1/changes", "changes"),
  ];
}

/** Whether it asks by a person alone: with a desktop, the user is a filter. */
export function isByPerson({ query }: HttpRequest): boolean {
  const has = (wanted: string) => query.some(([name]) => name === wanted);
  return has("user") && !has("desktop_name");
}

export function answerPerson(parts: LedgerParts, exchange: Exchange): Promise<Reply> {
  return answer(parts, "person", exchange, {});
}

async function answer(
  { openRecall, resultTtlMs }: LedgerParts,
  question: LedgerQuestion,
  exchange: Exchange,
  parameters: Readonly<Record<string, string>>,
): Promise<Reply> {
  const { request, call } = exchange;
  const mediaType = negotiate(request.headers["accept"]);
  const { input, faults } = readInput(request, wantedBy(question, parameters));
  if (!openRecall) throw needsLedger(question);
  const recall = await openRecall();
  const found = await recall[question]({ input, known: faults, caller: request.caller, call });
  if ("desktop_id" in found) exchange.desktopId = found.desktop_id;
  const { ledgerReply } = await import("./ledger-reply.ts");
  const maxAgeSeconds = question === "changes" ? 0 : resultTtlMs / 1000;
  return ledgerReply(found, mediaType, request.headers["if-none-match"], maxAgeSeconds);
}

/** Where the path names no desktop, the query must: by name. */
function wantedBy(
  question: LedgerQuestion,
  parameters: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  return question === "holders" && !("desktop_id" in parameters) ? { desktop_name: undefined } : parameters;
}
