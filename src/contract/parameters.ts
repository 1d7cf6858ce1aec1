import { DESKTOP_ID } from "./desktop-id.ts";
import {
  BATCH_DEFAULT_LIMIT,
  BATCH_MAX_DESKTOPS,
  BATCH_MAX_LIMIT,
  DEFAULT_LIMIT,
  MAX_LIMIT,
} from "./questions.ts";

/**
 * What the parts of a question mean, for the OpenAPI document and the client's types. A word means the same wherever
 * it stands, so it is described once. No function imports this.
 */
export interface Parameter {
  description: string;
  example?: unknown;
  /** Its form where the schema, which is lenient with text, would not show it. */
  schema?: Readonly<Record<string, unknown>>;
  /** The forms that the client's types offer, where more are taken. */
  offered?: readonly string[];
}

const SPAN = "RFC 3339 with a zone, or a span before now: `30d`, `12h`, `45m`. Inclusive.";

/** As far as a pattern can tell; that a date exists, it cannot. */
const BOUND = {
  type: "string",
  maxLength: 64,
  pattern:
    "^(?:\\d{4}-\\d{2}-\\d{2}[Tt ]\\d{2}:\\d{2}:\\d{2}(?:\\.\\d{1,9})?(?:[Zz]|[+-]\\d{2}:\\d{2})|\\d{1,6}[dhm])$",
};

const limitOf = (maximum: number, byDefault: number) => ({
  type: "integer",
  minimum: 1,
  maximum,
  default: byDefault,
});

export const PARAMETERS: Readonly<Record<string, Parameter>> = {
  desktop_id: {
    description: "The desktop's ID, a UUID in practice.",
    example: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
  },
  desktop_name: { description: "The desktop's name: exactly, in any case.", example: "WIN-ALICE" },
  desktop_ids: {
    description: "From 1 to 100 desktops by their IDs, none of them twice; answered in this order.",
    example: ["4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55", "0f6d2a91-7c44-4b0a-b5f3-1e8c9d7a2b10"],
    schema: {
      type: "array",
      items: { type: "string", pattern: DESKTOP_ID.source },
      minItems: 1,
      maxItems: BATCH_MAX_DESKTOPS,
      uniqueItems: true,
    },
  },
  since: { description: `Not before that. ${SPAN}`, example: "30d", schema: BOUND },
  until: { description: `Not after that. ${SPAN}`, example: "12h", schema: BOUND },
  user: { description: "Equals the user's name or ID, in any case.", example: "alice" },
  type: {
    description: "Users or groups alone, in any case.",
    example: "USER",
    schema: { type: "string", pattern: "^(?:[Uu][Ss][Ee][Rr]|[Gg][Rr][Oo][Uu][Pp])$" },
    offered: ["USER", "GROUP"],
  },
  limit: {
    description: "How many rows at the most; `total` tells how many there are.",
    schema: limitOf(MAX_LIMIT, DEFAULT_LIMIT),
  },
  profile: { description: "Which Huawei Cloud project to ask; the default one if absent.", example: "lab" },
  cursor: {
    description: "Where to go on, out of the answer before; absent or null from the beginning.",
    schema: { type: ["string", "null"] },
  },
  at: {
    description: "When: RFC 3339 with a zone, or a span before now: `30d`, `12h`, `45m`.",
    example: "2026-02-01T09:00:00Z",
    schema: BOUND,
  },
  fresh: {
    description: "Whether to ask past the cache of results.",
    schema: { type: "boolean", default: false },
  },
};

/** The same in a batch, where each desktop has a smaller share of the answer. */
export const BATCH_PARAMETERS: Readonly<Record<string, Parameter>> = {
  ...PARAMETERS,
  limit: {
    description: "How many rows at the most for each desktop; `total` tells how many there are.",
    schema: limitOf(BATCH_MAX_LIMIT, BATCH_DEFAULT_LIMIT),
  },
};
