import jsonata from "jsonata";
import { StatesError } from "./error.ts";

/** What an expression may refer to: `$states`, and the variables assigned so far. */
export interface Scope {
  states: { input: unknown; context: unknown; result?: unknown; errorOutput?: unknown };
  variables: Readonly<Record<string, unknown>>;
  now: () => number;
}

const EXPRESSION = /^\{%(.*)%\}$/s;

/**
 * A value of a definition, every `{% … %}` in it evaluated.
 *
 * @throws StatesError States.QueryEvaluationError, also for an expression that gives nothing.
 */
export async function evaluate(template: unknown, scope: Scope): Promise<unknown> {
  if (typeof template === "string") {
    const [, expression] = EXPRESSION.exec(template) ?? [];
    return expression === undefined ? template : query(expression, scope);
  }
  if (Array.isArray(template)) return Promise.all(template.map((each) => evaluate(each, scope)));
  if (typeof template !== "object" || template === null) return template;
  const fields = Object.entries(template).map(
    async ([name, value]) => [name, await evaluate(value, scope)] as const,
  );
  return Object.fromEntries(await Promise.all(fields));
}

async function query(expression: string, { states, variables, now }: Scope): Promise<unknown> {
  const fail = (cause: string) => new StatesError("States.QueryEvaluationError", `${cause} in ${expression}`);
  let value: unknown;
  try {
    value = await jsonata(expression).evaluate(undefined, { ...variables, states, millis: now });
  } catch (error) {
    throw fail((error as Error).message);
  }
  if (value === undefined) throw fail("nothing");
  // JSONata's own lists carry marks, which are not for other expressions to see.
  return JSON.parse(JSON.stringify(value));
}
