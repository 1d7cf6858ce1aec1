import type { Question } from "../link.ts";

/** What comes back after a redirect: what was typed, and whether an answer was wanted. */
export interface Form {
  question: Question;
  /** The fragment of the page's address: the row that a link pointed at. */
  hash: string;
  isAsked: boolean;
}

/** A sign-in that is under way, while the browser is elsewhere. Nothing of it opens anything by itself. */
export interface Pending {
  state: string;
  nonce: string;
  verifier: string;
  form: Form;
}

const KEY = "workspace-unbindings.sign-in";

export function keepPending(storage: () => Storage, pending: Pending): void {
  storage().setItem(KEY, JSON.stringify(pending));
}

/** Once: what was taken is gone. */
export function takePending(storage: () => Storage): Pending | null {
  try {
    const text = storage().getItem(KEY);
    storage().removeItem(KEY);
    return text === null ? null : (JSON.parse(text) as Pending);
  } catch {
    // Storage that is switched off, or written by somebody else.
    return null;
  }
}
