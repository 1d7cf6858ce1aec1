import { payload, StatesError, Unsupported } from "./error.ts";
import { evaluate, type Scope } from "./expression.ts";

/** As much of the language as our own definitions use: JSONata only, and neither Parallel nor Fail nor Succeed. */
export interface Machine {
  StartAt: string;
  States: Readonly<Record<string, State>>;
}

export interface State {
  Type: string;
  Next?: string;
  [field: string]: unknown;
}

interface Retrier {
  ErrorEquals: string[];
  IntervalSeconds: number;
  BackoffRate: number;
  MaxAttempts: number;
}

interface Catcher {
  ErrorEquals: string[];
  Assign?: object;
  Next: string;
}

export interface Surroundings {
  invoke: (functionArn: string, question: unknown) => Promise<unknown>;
  /** What the buckets hold, by `bucket/key`. */
  objects: Map<string, string>;
  /** Milliseconds since the epoch. */
  now: () => number;
  sleep: (ms: number) => Promise<void>;
}

/** The work of a state: its result, which `Output` and `Assign` may refer to. */
export type Work = (state: State, scope: Scope, surroundings: Surroundings) => Promise<unknown>;

const COMMON = ["Type", "Comment", "QueryLanguage", "Next", "End", "Output", "Assign"];
const FIELDS: Readonly<Record<string, readonly string[]>> = {
  Pass: COMMON,
  Choice: ["Type", "Comment", "QueryLanguage", "Choices", "Default"],
  Wait: [...COMMON, "Timestamp"],
  Task: [...COMMON, "Resource", "Arguments", "TimeoutSeconds", "Retry", "Catch"],
  Map: [
    ...COMMON,
    "Label",
    "MaxConcurrency",
    "ToleratedFailureCount",
    "ItemReader",
    "ItemSelector",
    "ItemBatcher",
    "ItemProcessor",
    "ResultWriter",
  ],
};

/**
 * One execution, from start to end.
 *
 * @param execution What its context tells of it.
 * @param works By type or resource; what Pass, Choice and Wait do is known.
 * @throws StatesError the error that ended it.
 */
export async function run(
  machine: Machine,
  input: unknown,
  execution: { Name: string },
  works: Readonly<Record<string, Work>>,
  surroundings: Surroundings,
): Promise<unknown> {
  let variables: Readonly<Record<string, unknown>> = {};
  let at: string | undefined = machine.StartAt;
  let value = payload(input);
  while (at !== undefined) {
    const state = stateOf(machine, at);
    const context = {
      Execution: execution,
      State: { Name: at, EnteredTime: new Date(surroundings.now()).toISOString() },
    };
    const scope: Scope = { states: { input: value, context }, variables, now: surroundings.now };
    const left = await pass(state, scope, works, surroundings);
    variables = { ...variables, ...left.assigned };
    value = payload(left.output);
    at = left.next;
  }
  return value;
}

function stateOf({ States }: Machine, name: string): State {
  const state = States[name];
  if (!state) throw new Unsupported(`no state ${name}`);
  const unknown = Object.keys(state).filter((field) => !FIELDS[state.Type]?.includes(field));
  if (unknown.length > 0) throw new Unsupported(`${name}: ${unknown}`);
  return state;
}

interface Left {
  output: unknown;
  assigned: object;
  next: string | undefined;
}

async function pass(
  state: State,
  scope: Scope,
  works: Readonly<Record<string, Work>>,
  surroundings: Surroundings,
): Promise<Left> {
  if (state.Type === "Choice") return choose(state, scope);
  if (state.Type === "Wait") {
    const until = Date.parse((await evaluate(state["Timestamp"], scope)) as string);
    if (Number.isNaN(until)) throw new StatesError("States.QueryEvaluationError", "no timestamp");
    await surroundings.sleep(Math.max(0, until - surroundings.now()));
  }
  const work = works[(state["Resource"] as string | undefined) ?? state.Type];
  if (!work) return leave(state, scope, scope.states.input);
  const waits = new Map<Retrier, number>();
  for (;;) {
    try {
      const result = payload(await work(state, scope, surroundings));
      return await leave(state, { ...scope, states: { ...scope.states, result } }, result);
    } catch (error) {
      if (!(error instanceof StatesError)) throw error;
      const retrier = matching((state["Retry"] ?? []) as Retrier[], error);
      const retried = (retrier && waits.get(retrier)) ?? 0;
      if (retrier && retried < retrier.MaxAttempts) {
        waits.set(retrier, retried + 1);
        await surroundings.sleep(retrier.IntervalSeconds * 1000 * retrier.BackoffRate ** retried);
        continue;
      }
      const catcher = matching((state["Catch"] ?? []) as Catcher[], error);
      if (!catcher) throw error;
      const errorOutput = { Error: error.name, Cause: error.message };
      return leave(catcher, { ...scope, states: { ...scope.states, errorOutput } }, errorOutput);
    }
  }
}

async function choose(state: State, scope: Scope): Promise<Left> {
  for (const { Condition, Next, ...rest } of state["Choices"] as { Condition: string; Next: string }[]) {
    if (Object.keys(rest).length > 0) throw new Unsupported(`a choice's ${Object.keys(rest)}`);
    const isSo = await evaluate(Condition, scope);
    if (typeof isSo !== "boolean") throw new StatesError("States.QueryEvaluationError", Condition);
    if (isSo) return { output: scope.states.input, assigned: {}, next: Next };
  }
  return { output: scope.states.input, assigned: {}, next: state["Default"] as string };
}

// Both see the variables as they were when the state was entered.
async function leave(
  { Output, Assign = {}, Next }: { Output?: unknown; Assign?: unknown; Next?: string },
  scope: Scope,
  otherwise: unknown,
): Promise<Left> {
  return {
    output: Output === undefined ? otherwise : await evaluate(Output, scope),
    assigned: (await evaluate(Assign, scope)) as object,
    next: Next,
  };
}

function matching<H extends { ErrorEquals: string[] }>(handlers: H[], { name }: Error): H | undefined {
  const wildcard = handlers.flatMap(({ ErrorEquals }) => ErrorEquals).find((each) => WILDCARDS.has(each));
  if (wildcard) throw new Unsupported(wildcard);
  return handlers.find(({ ErrorEquals }) => ErrorEquals.includes(name));
}

const WILDCARDS = new Set(["States.ALL", "States.TaskFailed"]);
