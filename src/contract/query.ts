import type * as z from "zod/mini";
import { readBound } from "../time/instant.ts";
import { type FieldError, LookupError } from "./errors.ts";
import {
  BATCH_DEFAULT_LIMIT,
  batchQuerySchema,
  DEFAULT_LIMIT,
  queryByIdSchema,
  queryByNameSchema,
} from "./questions.ts";

/** One question: a desktop, by its ID or its name, and which of its unbindings. */
export interface Query extends QueryOptions {
  desktop: { id: string } | { name: string };
}

/** The same question about many desktops. */
export interface BatchQuery extends QueryOptions {
  /** Unique, in the order in which they are answered. */
  desktopIds: readonly string[];
}

/** Which unbindings are wanted, and whose project is asked. */
export interface QueryOptions {
  filters: Filters;
  /** `null`: the default one. */
  profile: string | null;
  /** Past the result cache. */
  fresh: boolean;
}

export interface Filters {
  /** Inclusive bounds, milliseconds since the epoch. */
  since: number | null;
  until: number | null;
  /** Lower case; equals the user's name or ID. */
  user: string | null;
  /** Upper case. */
  type: string | null;
  limit: number;
}

type Input = Readonly<Record<string, unknown>>;

/** A body full of faults would otherwise make an answer many times its size. */
const MAX_ERRORS = 1000;

/**
 * A caller's input as a question: by name if it gives a `desktop_name` and no `desktop_id`.
 *
 * @param input Names and values as the caller gave them.
 * @param now Milliseconds since the epoch, which spans are counted back from.
 * @param known Faults that were found on the way here.
 * @throws LookupError INVALID_REQUEST that names every fault.
 */
export function parseQuery(input: Input, now: number, known: readonly FieldError[] = []): Query {
  if ("desktop_name" in input && !("desktop_id" in input)) {
    const { data, options } = parse(queryByNameSchema(input), { input, now, known }, DEFAULT_LIMIT);
    return { desktop: { name: data.desktop_name }, ...options };
  }
  const { data, options } = parse(queryByIdSchema(input), { input, now, known }, DEFAULT_LIMIT);
  return { desktop: { id: data.desktop_id }, ...options };
}

/** The same for many desktops. A desktop that is given twice is a fault: it would be answered twice. */
export function parseBatchQuery(input: Input, now: number, known: readonly FieldError[] = []): BatchQuery {
  const asked = { input, now, known, repeated: repeatedIn(input["desktop_ids"]) };
  const { data, options } = parse(batchQuerySchema(input), asked, BATCH_DEFAULT_LIMIT);
  return { desktopIds: data.desktop_ids, ...options };
}

/** What all questions have in common once their schema has read them. */
export interface Asked {
  user?: string | undefined;
  type?: string | undefined;
  limit?: number | undefined;
  profile?: string | undefined;
  fresh?: boolean | undefined;
}

interface Reading {
  input: Input;
  now: number;
  known: readonly FieldError[];
  /** Beside the schema, whose checks of a whole list rest while one of its elements is faulty. */
  repeated?: readonly FieldError[];
}

/** Reads a question by its schema, with the bounds that all questions have. @throws LookupError INVALID_REQUEST */
export function parse<T extends Asked>(
  schema: z.ZodMiniType<T>,
  { input, now, known, repeated = [] }: Reading,
  defaultLimit: number,
): { data: T; options: QueryOptions } {
  const result = schema.safeParse(input);
  const found = result.success ? [] : result.error.issues.flatMap(toFieldErrors);
  const errors = [...known, ...found, ...repeated];
  const since = readBoundOf("since", input["since"], now, errors);
  const until = readBoundOf("until", input["until"], now, errors);
  if (since !== null && until !== null && since > until) {
    errors.push({ field: "since", message: "is later than until" });
  }
  if (!result.success || errors.length > 0) {
    throw new LookupError("INVALID_REQUEST", { errors: errors.slice(0, MAX_ERRORS) });
  }
  const { data } = result;
  const filters = {
    since,
    until,
    user: data.user?.toLowerCase() ?? null,
    type: data.type?.toUpperCase() ?? null,
    limit: data.limit ?? defaultLimit,
  };
  return { data, options: { filters, profile: data.profile ?? null, fresh: data.fresh ?? false } };
}

function repeatedIn(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  const first = new Map<unknown, number>();
  return value.flatMap((desktopId, index) => {
    const earlier = first.get(desktopId);
    if (earlier === undefined) first.set(desktopId, index);
    return earlier === undefined || typeof desktopId !== "string"
      ? []
      : [{ field: `desktop_ids[${index}]`, message: `is the same as desktop_ids[${earlier}]` }];
  });
}

// Spans need the clock, so bounds are read beside the schema; what is no text has been named by it already.
function readBoundOf(field: string, value: unknown, now: number, errors: FieldError[]): number | null {
  if (typeof value !== "string" || errors.some((error) => error.field === field)) return null;
  const instant = readBound(value, now);
  if (instant === null) {
    errors.push({
      field,
      message: "must be RFC 3339 with a zone (2026-02-10T08:15:30Z) or a span before now (30d, 12h, 45m)",
    });
  }
  return instant;
}

function toFieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((field) => ({ field: shown(field), message: "is not a known parameter" }));
  }
  return [{ field: fieldOf(issue.path), message: issue.message }];
}

/** `desktop_ids[3]` for `["desktop_ids", 3]`. */
function fieldOf(path: readonly PropertyKey[]): string {
  const [head = "", ...rest] = path.map(String);
  return rest.reduce((field, part) => `${field}[${part}]`, head);
}

// A foreign name is quoted back, but not at any length.
function shown(name: string): string {
  return name.replace(/[\x00-\x1f\x7f]/g, "?").slice(0, 64);
}
