import middy, { type MiddlewareObj } from "@middy/core";
import type { Context } from "aws-lambda";

export type LambdaFunction<R> = (event: unknown, context: Context) => Promise<R>;

/**
 * A function of Lambda's, wrapped by middy. The deadline is ours (see deadline.ts): middy's early timeout would cover the
 * innermost alone.
 *
 * @param answer What is innermost. It is given what the middlewares have made of the event, and they make of its answer
 *   what the function returns; middy's own types would have one event and one answer from beginning to end.
 */
export function lambdaFunction<Given, R>(
  answer: (given: Given, context: Context) => unknown,
  ...middlewares: readonly MiddlewareObj<Given>[]
): LambdaFunction<R> {
  const wrapped = middy<Given>(answer, { timeoutEarlyInMillis: 0 }).use([...middlewares]);
  return wrapped as unknown as LambdaFunction<R>;
}
