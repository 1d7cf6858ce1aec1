import * as z from "zod/mini";
import {
  batchAnswerSchema,
  batchItemSchema,
  healthSchema,
  problemSchema,
  profileListSchema,
  readinessSchema,
  resultSchema,
  unbindingSchema,
} from "../../src/contract/answers.ts";
import { ERROR_CODES, type ErrorCode } from "../../src/contract/errors.ts";
import { BATCH_PARAMETERS, PARAMETERS } from "../../src/contract/parameters.ts";
import { batchQuerySchema, queryByIdSchema, queryByNameSchema } from "../../src/contract/questions.ts";
import { VERSION } from "../../src/contract/version.ts";
import { type OperationId, SCENARIOS, type Shown, show } from "./scenarios.ts";

type Json = Record<string, unknown>;

interface Operation {
  path: string;
  id: OperationId;
  tag: "Lookups" | "Operations";
  summary: string;
  description: string;
  /** What it asks with: in path and query, or, posted, in the body. */
  query?: z.core.$ZodObject;
  body?: z.core.$ZodObject;
}

const OPERATIONS: readonly Operation[] = [
  {
    path: "/v1/desktops/{desktop_id}/unbindings",
    id: "getUnbindings",
    tag: "Lookups",
    summary: "Who was unbound from this desktop, and when?",
    description:
      "Newest first. `HEAD` is answered as well. An `ETag` comes along; `If-None-Match` saves the body.",
    query: queryByIdSchema(),
  },
  {
    path: "/v1/unbindings",
    id: "getUnbindingsByName",
    tag: "Lookups",
    summary: "The same, asked by the desktop's name",
    description: "Needs the permission `workspace:desktops:list` on Huawei Cloud's side.",
    query: queryByNameSchema(),
  },
  {
    path: "/v1/unbindings/query",
    id: "queryUnbindings",
    tag: "Lookups",
    summary: "The same about up to 100 desktops",
    description:
      "200 whenever the question is valid: each desktop has its result, or a problem of its own. As CSV, one table over all desktops; a desktop that was not answered has a row with its `error_code`, a column that is missing when all were.",
    body: batchQuerySchema(),
  },
  {
    path: "/v1/profiles",
    id: "getProfiles",
    tag: "Lookups",
    summary: "Which profiles may I ask about?",
    description: "By the access policy; a page can let people choose from them.",
  },
  {
    path: "/health",
    id: "getHealth",
    tag: "Operations",
    summary: "Does the function run?",
    description: "Looks at nothing else.",
  },
  {
    path: "/ready",
    id: "getReadiness",
    tag: "Operations",
    summary: "Could a lookup succeed?",
    description: "Is the secret readable and valid, is the clock sane. Names what fails, never a value.",
  },
];

const COMPONENTS = {
  Unbinding: unbindingSchema,
  Result: resultSchema,
  BatchAnswer: batchAnswerSchema,
  BatchItem: batchItemSchema,
  Problem: problemSchema,
  ProfileList: profileListSchema,
  Health: healthSchema,
  Readiness: readinessSchema,
} as const;

const ANSWERS: Record<OperationId, keyof typeof COMPONENTS> = {
  getUnbindings: "Result",
  getUnbindingsByName: "Result",
  queryUnbindings: "BatchAnswer",
  getProfiles: "ProfileList",
  getHealth: "Health",
  getReadiness: "Readiness",
};

/** The OpenAPI 3.1 document: from the schemas that validate, with the answers that the handler gives. */
export async function buildDocument(): Promise<Json> {
  const shown = await Promise.all(SCENARIOS.map(show));
  return {
    openapi: "3.1.1",
    info: {
      title: "workspace-unbindings",
      version: VERSION,
      summary: "Who was unbound from a Huawei Cloud Workspace desktop, and when?",
      description: [
        "Answers are flat JSON in which every key is always there and unknown is `null`.",
        "An empty list means that Huawei Cloud said so; anything else is an error.",
        "Errors are `application/problem+json`, whatever `Accept` says: branch on `code`, obey `retryable`.",
      ].join(" "),
      license: { name: "MIT", identifier: "MIT" },
    },
    servers: [{ url: "/", description: "Where this document comes from" }],
    security: [{ gateway: [] }],
    tags: [
      { name: "Lookups", description: "The question that this service is for." },
      { name: "Operations", description: "For whoever runs it." },
    ],
    paths: Object.fromEntries(
      OPERATIONS.map((operation) => [
        operation.path,
        { [operation.body ? "post" : "get"]: describeOperation(operation, shown) },
      ]),
    ),
    components: {
      securitySchemes: {
        gateway: {
          type: "http",
          scheme: "bearer",
          description: "The gateway in front decides: AWS Signature Version 4 by default, or a JWT.",
        },
      },
      schemas: componentSchemas(),
    },
  };
}

function componentSchemas(): Json {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  const { schemas } = z.toJSONSchema(registry, { uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(Object.keys(COMPONENTS).map((id) => [id, withoutHeads(schemas[id] as Json)]));
}

/** A schema inside a document needs neither a dialect nor an ID of its own. */
function withoutHeads({ $schema: _dialect, $id: _id, id: _name, ...schema }: Json): Json {
  return open(schema) as Json;
}

// The promise of /v1 is that keys stay, not that none is added: a reader must not be told to refuse new ones.
function open(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(open);
  if (typeof schema !== "object" || schema === null) return schema;
  const entries = Object.entries(schema).filter(
    ([key, value]) => key !== "additionalProperties" || value !== false,
  );
  return Object.fromEntries(entries.map(([key, value]) => [key, open(value)]));
}

function describeOperation(operation: Operation, shown: readonly Shown[]): Json {
  return {
    operationId: operation.id,
    tags: [operation.tag],
    summary: operation.summary,
    description: operation.description,
    ...(operation.query && { parameters: parametersOf(operation, operation.query) }),
    ...(operation.body && { requestBody: requestBodyOf(operation.body) }),
    responses: responsesOf(operation, shown),
  };
}

function parametersOf({ path }: Operation, query: z.core.$ZodObject): Json[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: "input" }) as {
    properties?: Record<string, Json>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, schema]) => {
    const about = PARAMETERS[name];
    if (!about) throw new Error(`the parameter ${name} is not described`);
    const isInPath = path.includes(`{${name}}`);
    return {
      name,
      in: isInPath ? "path" : "query",
      required: isInPath || required.includes(name),
      description: about.description,
      schema: about.schema ?? schema,
      ...(about.example !== undefined && { example: about.example }),
    };
  });
}

function requestBodyOf(body: z.core.$ZodObject): Json {
  const schema = withoutHeads(z.toJSONSchema(body, { io: "input" }) as Json);
  const properties = Object.entries(schema["properties"] as Record<string, Json>).map(([name, property]) => {
    const about = BATCH_PARAMETERS[name];
    if (!about) throw new Error(`the field ${name} is not described`);
    const examples = about.example === undefined ? {} : { examples: [about.example] };
    return [name, { ...(about.schema ?? property), description: about.description, ...examples }];
  });
  return {
    required: true,
    content: {
      "application/json": { schema: { ...schema, properties: Object.fromEntries(properties) } },
    },
  };
}

function responsesOf(operation: Operation, shown: readonly Shown[]): Json {
  const own = shown.filter(({ scenario }) => scenario.operation === operation.id);
  // By name, all can go wrong that can go wrong by ID. In a batch, it does so desktop by desktop.
  const shared = operation.id === "getUnbindingsByName" ? errorsOf(shown, "getUnbindings") : [];
  const byStatus = Map.groupBy([...own, ...shared], ({ status }) => status);
  const statuses = [...byStatus.keys()].sort((a, b) => a - b);
  const responses = statuses.map((status) => [
    String(status),
    describeResponse(operation, byStatus.get(status) ?? []),
  ]);
  if (operation.query) responses.push(["304", NOT_MODIFIED]);
  return Object.fromEntries(responses);
}

function errorsOf(shown: readonly Shown[], id: OperationId): Shown[] {
  return shown.filter(({ scenario, status }) => scenario.operation === id && status >= 400);
}

const NOT_MODIFIED = {
  description: "What the caller has, by its `If-None-Match`, is still so.",
  headers: { ETag: header("The tag of the answer.") },
};

function describeResponse(operation: Operation, shown: readonly Shown[]): Json {
  const codes = [...new Set(shown.flatMap(({ body }) => codeOf(body)))];
  const isProblem = codes.length > 0;
  const byType = Map.groupBy(shown, ({ contentType }) => contentType);
  const content = Array.from(byType, ([type, all]) => [type, describeContent(operation, type, all)]);
  return {
    description: isProblem
      ? codes.map((code) => `${code}: ${ERROR_CODES[code].title}.`).join(" ")
      : (shown[0] as Shown).scenario.summary,
    headers: headersOf(shown),
    content: Object.fromEntries(content),
  };
}

function codeOf(body: unknown): ErrorCode[] {
  const { code } = (body ?? {}) as { code?: ErrorCode };
  return code === undefined ? [] : [code];
}

function describeContent({ id }: Operation, type: string, shown: readonly Shown[]): Json {
  const component = type === "application/problem+json" ? "Problem" : ANSWERS[id];
  const schema = type === "text/csv" ? { type: "string" } : { $ref: `#/components/schemas/${component}` };
  const examples = shown.map(({ scenario, body }) => [
    scenario.name,
    { summary: scenario.summary, value: body },
  ]);
  return { schema, examples: Object.fromEntries(examples) };
}

const HEADERS: Record<string, string> = {
  "x-request-id": "The request's ID: the caller's own if it sent a fitting one.",
  etag: "The tag of the answer, without its IDs and its age.",
  "retry-after": "Seconds to wait, where waiting helps.",
  allow: "The methods that there are.",
};

function headersOf(shown: readonly Shown[]): Json {
  const names = Object.keys(HEADERS).filter((name) => shown.some(({ headers }) => name in headers));
  return Object.fromEntries(names.map((name) => [name, header(HEADERS[name] as string)]));
}

function header(description: string): Json {
  return { description, schema: { type: "string" } };
}
