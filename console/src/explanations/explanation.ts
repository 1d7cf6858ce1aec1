import type { Problem } from "../problem.ts";

/** An error in plain words. */
export interface Explanation {
  /** What happened. */
  what: string;
  /** What the reader can do. */
  todo: string;
  /** What is behind it, and who can fix it. */
  means: string;
}

/** What a look-up from this page cannot end in, unless something is wrong on our side. */
type Unlikely =
  | "METHOD_NOT_ALLOWED"
  | "NOT_ACCEPTABLE"
  | "PAYLOAD_TOO_LARGE"
  | "UNSUPPORTED_MEDIA_TYPE"
  | "INTERNAL"
  | "UNEXPECTED";

export type Explanations = Readonly<Record<Exclude<Problem["code"], Unlikely> | "OTHER", Explanation>>;
