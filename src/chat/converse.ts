import type { Caller } from "../access/caller.ts";
import type { Guard } from "../access/guard.ts";
import { asLookupError } from "../contract/errors.ts";
import { parseQuery, type Query } from "../contract/query.ts";
import { addTrace, type CallContext, newTrace } from "../observe/call.ts";
import { helpCard, type Mistake, mistakeCard, usageCard } from "./cards.ts";
import type { ChatAnswer, Outcome } from "./chat-answer.ts";
import { type Options, parseCommand, type Target } from "./command.ts";
import type { Presentation } from "./make-card.ts";
import type { Rows } from "./platform.ts";
import { resultCard } from "./result-card.ts";

/** What a person typed, and all that an answer depends on. */
export interface Typed {
  text: string;
  caller: Caller;
  presentation: Presentation;
  rows: Rows;
  call: CallContext;
}

/** Answers what a person typed, with a card whatever comes of it. */
export type Converse = (typed: Typed) => Promise<ChatAnswer>;

export interface ConversationParts {
  lookup: Guard["lookup"];
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

export function createConversation({ lookup, wallNow }: ConversationParts): Converse {
  async function ask(target: Target, query: Query, caller: Caller, call: CallContext): Promise<Outcome> {
    // Each has its own: side by side in one, they would take each other's cache hits for theirs.
    const trace = newTrace();
    try {
      return { target, result: await lookup(query, caller, { ...call, trace }) };
    } catch (thrown) {
      return { target, error: asLookupError(thrown), profile: trace.profile ?? query.profile };
    } finally {
      addTrace(call.trace, trace);
    }
  }

  return async ({ text, caller, presentation, rows, call }) => {
    const command = parseCommand(text);
    const nothing = { command, mistakes: [], outcomes: [], error: null, isEarly: false };
    const correct = (mistakes: readonly Mistake[]): ChatAnswer => ({
      ...nothing,
      card: mistakeCard(mistakes, presentation),
      mistakes,
    });
    if (command.kind === "help") return { ...nothing, card: helpCard(presentation) };
    if (command.kind === "empty") return { ...nothing, card: usageCard(presentation) };
    if (command.kind === "faulty") return correct(command.faults);

    const { targets, options, isPublic } = command;
    const queries = toQueries({ targets, options, rows, now: wallNow() });
    if ("mistakes" in queries) return correct(queries.mistakes);
    const outcomes = await Promise.all(queries.map(({ target, query }) => ask(target, query, caller, call)));
    const errors = outcomes.flatMap((outcome) => ("error" in outcome ? [outcome.error] : []));
    return {
      ...nothing,
      card: resultCard({ outcomes, options, isPublic }, presentation),
      outcomes,
      error: errors[0] ?? null,
      isEarly: errors.some(({ code }) => code === "DEADLINE_EXCEEDED"),
    };
  };
}

interface Question {
  targets: readonly Target[];
  options: Options;
  rows: Rows;
  /** Milliseconds since the epoch. */
  now: number;
}

/** The questions, or the options whose values are wrong: the same for all, so the first tells them. */
function toQueries(question: Question): { target: Target; query: Query }[] | { mistakes: Mistake[] } {
  try {
    return question.targets.map((target) => ({ target, query: toQuery(target, question) }));
  } catch (thrown) {
    const { errors = [] } = asLookupError(thrown);
    return { mistakes: errors.map((fault) => ({ kind: "wrong-value", ...fault })) };
  }
}

/** @throws LookupError INVALID_REQUEST that names the options whose values are wrong. */
function toQuery(target: Target, { targets, options, rows, now }: Question): Query {
  const desktop = "id" in target ? { desktop_id: target.id } : { desktop_name: target.name };
  const query = parseQuery({ limit: rows.byDefault, ...options, ...desktop }, now);
  const limit = Math.min(query.filters.limit, Math.floor(rows.most / targets.length));
  return { ...query, filters: { ...query.filters, limit } };
}
