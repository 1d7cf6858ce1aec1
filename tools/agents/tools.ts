import { TOOLS } from "../../src/mcp/tools.ts";

type Json = Record<string, unknown>;

/** Of one tool: what every description of it has. */
interface Described {
  name: string;
  description: string;
  inputSchema: Json;
}

/** The tool schema of an AgentCore Gateway target in front of the function `invoke`. */
export function buildAgentCoreTools(): Described[] {
  return TOOLS.map(({ name, description, inputSchema }) => ({
    name,
    description,
    inputSchema: plain(inputSchema) as Json,
  }));
}

/** For a model's function calling without a protocol: the arguments are the event of `invoke`, the body of a query. */
export function buildFunctions(): Json[] {
  return TOOLS.map(({ name, description, inputSchema }) => ({
    type: "function",
    function: { name, description, parameters: inputSchema },
  }));
}

/** What AgentCore takes of a schema; the rest goes into the description. */
const TAKEN: ReadonlySet<string> = new Set(["type", "properties", "required", "items", "description"]);

function plain(schema: unknown): unknown {
  const { properties, items, ...rest } = schema as Json & { properties?: Record<string, Json> };
  const kept = Object.fromEntries(Object.entries(rest).filter(([key]) => TAKEN.has(key)));
  const said = [kept["description"], ...limitsOf(rest)].filter(Boolean).join(" ");
  return {
    ...kept,
    ...(said !== "" && { description: said }),
    ...(properties && {
      properties: Object.fromEntries(Object.entries(properties).map(([name, part]) => [name, plain(part)])),
    }),
    ...(items !== undefined && { items: plain(items) }),
  };
}

function limitsOf({ enum: values, minimum, maximum, default: byDefault }: Json): string[] {
  return [
    Array.isArray(values) ? `One of ${values.join(", ")}.` : "",
    minimum === undefined ? "" : `From ${minimum} to ${maximum}.`,
    byDefault === undefined ? "" : `Default: ${byDefault}.`,
  ];
}
