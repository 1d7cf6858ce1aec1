import * as z from "zod/mini";
import { lazily, partly } from "./lazy-schema.ts";
import { desktopId, filtersUpTo, MAX_LIMIT, name, text } from "./questions.ts";

/** What the ledger is asked. */

const MAX_CURSOR = 1024;
const { since, until, type, limit, profile } = filtersUpTo(MAX_LIMIT);

const cursor = lazily(() =>
  z.optional(z.nullable(text("must be text").check(z.maxLength(MAX_CURSOR, "is too long")))),
);
const at = lazily(() => text("must be text").check(z.maxLength(64, "is too long")));

/** Which desktops a person lost. */
export const personQuerySchema = partly(
  { user: name },
  { since, until, type, limit, profile, cursor },
  (shape) => z.strictObject(shape),
);

/** Who held a desktop at a time. */
export const holdersByIdSchema = partly({ desktop_id: desktopId, at }, { profile }, (shape) =>
  z.strictObject(shape),
);
export const holdersByNameSchema = partly({ desktop_name: name, at }, { profile }, (shape) =>
  z.strictObject(shape),
);

/** What happened since a cursor. */
export const changesQuerySchema = partly({}, { cursor, limit, profile }, (shape) => z.strictObject(shape));
