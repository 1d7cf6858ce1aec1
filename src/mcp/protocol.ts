/** The revision in which every request says what it is. */
export const MODERN = "2026-07-28";

/** Those in which `initialize` comes first. In earlier ones a request may hold several messages; here it is always one. */
export const LEGACY: readonly string[] = ["2025-11-25", "2025-06-18"];

export const SUPPORTED: readonly string[] = [MODERN, ...LEGACY];

/** JSON-RPC's own codes, and the specification's. */
export type Code = -32700 | -32600 | -32601 | -32602 | -32020 | -32022;

/** A message that is not answered with a result. Status 200: it was understood, and the code says the rest. */
export class Refused extends Error {
  override readonly name = "Refused";
  readonly status: number;
  readonly code: Code;
  readonly data: unknown;

  constructor(status: number, code: Code, message: string, data?: unknown) {
    super(message);
    this.status = status;
    this.code = code;
    this.data = data;
  }
}

export type Fields = Readonly<Record<string, unknown>>;

// Like contract/object.ts, which would be a chunk of its own if this part shared it with what is loaded at the start.
export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
