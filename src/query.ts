import * as z from "zod/mini";
import { type FieldError, LookupError } from "./errors.ts";
import { readBound } from "./instant.ts";
import { DESKTOP_ID } from "./workspace/endpoint.ts";

/** One question: a desktop, by its ID or its name, and which of its unbindings. */
export interface Query {
  desktop: { id: string } | { name: string };
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

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

const text = (message: string) =>
  z.string({ error: ({ input }) => (input === undefined ? "is missing" : message) });

const bound = text("must be text").check(z.maxLength(64, "is too long"));

/** A whole number, as JSON writes it or as text. */
const limit = z.pipe(
  z.union([z.number(), z.string()], "must be a whole number"),
  z.transform((value, context) => {
    const number = typeof value === "number" || /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
    if (Number.isInteger(number) && number >= 1 && number <= MAX_LIMIT) return number;
    context.issues.push({
      code: "custom",
      input: undefined,
      message: `must be a whole number from 1 to ${MAX_LIMIT}`,
    });
    return z.NEVER;
  }),
);

const fresh = z.pipe(
  z.union([z.boolean(), z.literal("true"), z.literal("false")], "must be true or false"),
  z.transform((value) => value === true || value === "true"),
);

// Control characters in a name would be a mistake or an attack on whoever reads a log.
const name = text("must be text").check(
  z.minLength(1, "is empty"),
  z.maxLength(255, "is longer than 255 characters"),
  z.regex(/^[^\x00-\x1f\x7f]*$/, "must hold no control characters"),
);

const type = text("must be USER or GROUP").check(z.regex(/^(?:user|group)$/i, "must be USER or GROUP"));

export const desktopIdSchema = text("must be text").check(
  z.regex(
    DESKTOP_ID,
    "must be 1 to 128 letters, digits, hyphens or underscores, and begin and end with a letter or digit",
  ),
);

const filters = {
  since: z.optional(bound),
  until: z.optional(bound),
  user: z.optional(name),
  type: z.optional(type),
  limit: z.optional(limit),
  profile: z.optional(name),
  fresh: z.optional(fresh),
};

/** What every entry accepts for one desktop by its ID. */
export const queryByIdSchema = z.strictObject({ desktop_id: desktopIdSchema, ...filters });

/** What every entry accepts for one desktop by its name: exact, in any case. */
export const queryByNameSchema = z.strictObject({ desktop_name: name, ...filters });

/**
 * A caller's input as a question: by name if it gives a `desktop_name` and no `desktop_id`.
 *
 * @param input Names and values as the caller gave them.
 * @param now Milliseconds since the epoch, which spans are counted back from.
 * @throws LookupError INVALID_REQUEST that names every fault.
 */
export function parseQuery(input: Readonly<Record<string, unknown>>, now: number): Query {
  const isByName = "desktop_name" in input && !("desktop_id" in input);
  const result = (isByName ? queryByNameSchema : queryByIdSchema).safeParse(input);
  const errors = result.success ? [] : result.error.issues.flatMap(toFieldErrors);
  const since = readBoundOf("since", input["since"], now, errors);
  const until = readBoundOf("until", input["until"], now, errors);
  if (since !== null && until !== null && since > until) {
    errors.push({ field: "since", message: "is later than until" });
  }
  if (!result.success || errors.length > 0) throw new LookupError("INVALID_REQUEST", { errors });
  const { data } = result;
  return {
    desktop: "desktop_name" in data ? { name: data.desktop_name } : { id: data.desktop_id },
    filters: {
      since,
      until,
      user: data.user?.toLowerCase() ?? null,
      type: data.type?.toUpperCase() ?? null,
      limit: data.limit ?? DEFAULT_LIMIT,
    },
    profile: data.profile ?? null,
    fresh: data.fresh ?? false,
  };
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
  const field = issue.path.join(".");
  return [{ field, message: issue.message }];
}

// A foreign name is quoted back, but not at any length.
function shown(name: string): string {
  return name.replace(/[\x00-\x1f\x7f]/g, "?").slice(0, 64);
}
