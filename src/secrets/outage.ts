import { LookupError } from "../contract/errors.ts";

/** The cause of a SECRET_UNAVAILABLE that is likely to pass: the store is down, slow or limiting us. */
export class StoreOutage extends Error {
  override readonly name = "StoreOutage";
}

/**
 * The store gave nothing.
 *
 * @param reason For the log: a store's message may name ARNs, and never goes into an answer.
 * @param isOutage Whether it is likely to pass.
 */
export function unavailable(reason: string, isOutage: boolean): LookupError {
  return new LookupError("SECRET_UNAVAILABLE", {
    cause: isOutage ? new StoreOutage(reason) : new Error(reason),
  });
}

/** The store gave something, but no text. */
export function withoutText(): LookupError {
  return new LookupError("SECRET_INVALID", { detail: "The secret is not valid: it is binary or empty." });
}
