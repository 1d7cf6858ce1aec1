import { type CallContext, newTrace } from "../../src/observe/call.ts";

/** A call with all the time it needs, or as much as a test gives it. */
export function aCall(overrides: Partial<CallContext> = {}): CallContext {
  return {
    requestId: "request-0001",
    deadline: { remaining: () => 8000 },
    trace: newTrace(),
    traceparent: null,
    ...overrides,
  };
}
