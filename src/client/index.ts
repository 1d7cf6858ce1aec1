export type { ChangesOptions } from "./changes.ts";
export { UnbindingsError } from "./error.ts";
export { type ClientOptions, createClient, type OutgoingRequest } from "./http-client.ts";
export { createInvoker, type InvokerOptions, type LambdaLike } from "./invoker.ts";
export type { RetryOptions } from "./retry.ts";
export type * from "./types.ts";
export type {
  BatchFilters,
  CallOptions,
  Filters,
  Unbindings,
} from "./unbindings.ts";
