/** An error as the Amazon States Language has it: a name that `Retry` and `Catch` match on, and a cause in words. */
export class StatesError extends Error {
  constructor(name: string, cause: string) {
    super(cause);
    this.name = name;
  }
}

/** What the interpreter does not know stops a test: passing over it would prove nothing. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
}

/** What a state machine may hand on from state to state, in bytes. */
const MAX_BYTES = 256 * 1024;

/** The value as plain JSON. */
export function payload(value: unknown): unknown {
  const text = JSON.stringify(value);
  if (Buffer.byteLength(text) > MAX_BYTES) {
    throw new StatesError("States.DataLimitExceeded", `${Buffer.byteLength(text)} bytes`);
  }
  return JSON.parse(text);
}
