import * as z from "zod/mini";
import { DESKTOP_ID } from "./desktop-id.ts";
import { lazily, partly } from "./lazy-schema.ts";

/** What every entry accepts: the one source of validation, of the OpenAPI document and of the client's types. */

export const DEFAULT_LIMIT = 100;
export const MAX_LIMIT = 1000;

/** In a batch, per desktop: a hundred desktops with as many rows stay below what Lambda may answer. */
export const BATCH_DEFAULT_LIMIT = 20;
export const BATCH_MAX_LIMIT = 100;
export const BATCH_MAX_DESKTOPS = 100;

// Every part is made at its first use: all at once would be 3 ms of a cold start, and a call needs one or two.

export const text = (message: string) =>
  z.string({ error: ({ input }) => (input === undefined ? "is missing" : message) });

/** A whole number, as JSON writes it or as text. */
const limitUpTo = (max: number) =>
  z.pipe(
    z.union([z.number(), z.string()], "must be a whole number"),
    z.transform((value, context) => {
      const number = typeof value === "number" || /^\d{1,6}$/.test(value) ? Number(value) : Number.NaN;
      if (Number.isInteger(number) && number >= 1 && number <= max) return number;
      context.issues.push({
        code: "custom",
        input: undefined,
        message: `must be a whole number from 1 to ${max}`,
      });
      return z.NEVER;
    }),
  );

// Control characters in a name would be a mistake or an attack on whoever reads a log.
export const name = lazily(() =>
  text("must be text").check(
    z.minLength(1, "is empty"),
    z.maxLength(255, "is longer than 255 characters"),
    z.regex(/^[^\x00-\x1f\x7f]*$/, "must hold no control characters"),
    // Half a surrogate pair, which JSON can carry, has no place in a URL.
    z.refine((value) => value.isWellFormed(), "must be well-formed Unicode"),
  ),
);

export const desktopId = lazily(() =>
  text("must be text").check(
    z.regex(
      DESKTOP_ID,
      "must be 1 to 128 letters, digits, hyphens or underscores, and begin and end with a letter or digit",
    ),
  ),
);

const bound = lazily(() => z.optional(text("must be text").check(z.maxLength(64, "is too long"))));
const optionalName = lazily(() => z.optional(name()));

export const filtersUpTo = (maxLimit: number) => ({
  since: bound,
  until: bound,
  user: optionalName,
  type: lazily(() =>
    z.optional(text("must be USER or GROUP").check(z.regex(/^(?:user|group)$/i, "must be USER or GROUP"))),
  ),
  limit: lazily(() => z.optional(limitUpTo(maxLimit))),
  profile: optionalName,
  fresh: lazily(() =>
    z.optional(
      z.pipe(
        z.union([z.boolean(), z.literal("true"), z.literal("false")], "must be true or false"),
        z.transform((value) => value === true || value === "true"),
      ),
    ),
  ),
});

/** One desktop by its ID. */
export const queryByIdSchema = partly({ desktop_id: desktopId }, filtersUpTo(MAX_LIMIT), (shape) =>
  z.strictObject(shape),
);

/** One desktop by its name: exact, in any case. */
export const queryByNameSchema = partly({ desktop_name: name }, filtersUpTo(MAX_LIMIT), (shape) =>
  z.strictObject(shape),
);

const desktopIds = lazily(() =>
  z
    .array(desktopId(), {
      error: ({ input }) => (input === undefined ? "is missing" : "must be a list of desktop IDs"),
    })
    .check(
      z.minLength(1, "is empty"),
      z.maxLength(BATCH_MAX_DESKTOPS, `holds more than ${BATCH_MAX_DESKTOPS} desktop IDs`),
    ),
);

/** Many desktops by their IDs, which are unique (see query.ts). */
export const batchQuerySchema = partly({ desktop_ids: desktopIds }, filtersUpTo(BATCH_MAX_LIMIT), (shape) =>
  z.strictObject(shape),
);
