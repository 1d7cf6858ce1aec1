import { distributedMap } from "./distributed-map.ts";
import { StatesError } from "./error.ts";
import { evaluate } from "./expression.ts";
import { type Machine, run, type Surroundings, type Work } from "./machine.ts";

// Lambda hands on what a function throws: its name as the error, its message within the cause.
const invoke: Work = async (state, scope, surroundings) => {
  const { FunctionName, Payload } = (await evaluate(state["Arguments"], scope)) as {
    FunctionName: string;
    Payload: unknown;
  };
  try {
    return { StatusCode: 200, Payload: await surroundings.invoke(FunctionName, Payload) };
  } catch (thrown) {
    const { name, message } = thrown as Error;
    throw new StatesError(name, JSON.stringify({ errorType: name, errorMessage: message }));
  }
};

const tasks = { "arn:aws:states:::lambda:invoke": invoke };

/** @returns the error that it ended with, or `null`. */
export async function execute(
  machine: Machine,
  input: object,
  surroundings: Surroundings,
): Promise<StatesError | null> {
  const works = { ...tasks, Map: distributedMap(tasks) };
  try {
    await run(machine, input, { Name: "an-execution" }, works, surroundings);
    return null;
  } catch (error) {
    if (error instanceof StatesError) return error;
    throw error;
  }
}
