import * as z from "zod/mini";
import {
  batchAnswerSchema,
  problemSchema,
  resultSchema,
  unbindingSchema,
} from "../../src/contract/answers.ts";
import {
  holderSchema,
  holdersAnswerSchema,
  personAnswerSchema,
  personRowSchema,
} from "../../src/contract/ledger-answers.ts";
import { holdersByIdSchema, personQuerySchema } from "../../src/contract/ledger-questions.ts";
import { BATCH_PARAMETERS, PARAMETERS } from "../../src/contract/parameters.ts";
import { batchQuerySchema, queryByIdSchema, queryByNameSchema } from "../../src/contract/questions.ts";

type Json = Record<string, unknown>;
type Properties = Record<string, Json>;

/** Where an answer is a page: it has no `total`. One type each, since not every client takes several. */
const PAGE_PARAMETERS: typeof PARAMETERS = {
  ...PARAMETERS,
  limit: { ...PARAMETERS["limit"], description: "How many rows at the most." },
  cursor: {
    description: "Where to go on, out of the answer before; absent from the beginning.",
    schema: { type: "string" },
  },
};

/** What the tools' schemas are put together from, in src/mcp/tools.ts, which weighs on a bundle: no word more than that. */
export function buildSchemas() {
  const { desktop_id, limit, ...filters } = inputOf(queryByIdSchema(), PARAMETERS);
  const { desktop_name } = inputOf(queryByNameSchema(), PARAMETERS);
  const { desktop_ids, limit: limitOfEach } = inputOf(batchQuerySchema(), BATCH_PARAMETERS);
  const { at } = inputOf(holdersByIdSchema(), PARAMETERS);
  return {
    desktop: { desktop_id, desktop_name },
    desktops: { desktop_ids },
    filters,
    limit,
    limitOfEach,
    unbinding: outputOf(unbindingSchema),
    result: outputOf(resultSchema),
    problem: outputOf(problemSchema),
    batch: outputOf(batchAnswerSchema),
    person: inputOf(personQuerySchema(), PAGE_PARAMETERS),
    at,
    personRow: outputOf(personRowSchema),
    personAnswer: outputOf(personAnswerSchema),
    holder: outputOf(holderSchema),
    holdersAnswer: outputOf(holdersAnswerSchema),
  };
}

/** A model fills these in, so each is described. What else the schema checks, its error says. */
function inputOf(schema: z.core.$ZodObject, described: typeof PARAMETERS): Properties {
  const { properties = {} } = z.toJSONSchema(schema, { io: "input" }) as { properties?: Properties };
  const entries = Object.entries(properties).map(([name, { type, items, minItems, maxItems }]) => {
    const about = described[name];
    if (!about) throw new Error(`the parameter ${name} is not described`);
    const form = about.schema ?? {
      type,
      ...(items !== undefined && { items: { type: "string" }, minItems, maxItems }),
    };
    return [name, { ...form, description: about.description }];
  });
  return Object.fromEntries(entries);
}

/** Names and types; a question mark for what may be `null`, an asterisk for what may be missing. */
function outputOf(schema: z.core.$ZodObject): Record<string, string> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema) as {
    properties?: Properties;
    required?: string[];
  };
  const entries = Object.entries(properties).map(([name, property]) => [
    name,
    `${typeOf(property)}${required.includes(name) ? "" : "*"}`,
  ]);
  return Object.fromEntries(entries);
}

function typeOf({ type, format, anyOf, items }: Json): string {
  if (Array.isArray(anyOf)) return `${typeOf(anyOf[0] as Json)}?`;
  if (Array.isArray(type)) return `${type[0]}?`;
  if (items !== undefined) return "array";
  return String(format ?? type);
}
