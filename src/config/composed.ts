import type { Log } from "../observe/log.ts";

/** What a container is made of, or the faults of its configuration, which are logged already. */
export type Composed<Service> =
  | { service: Service; faults: null; log: Log }
  | { service: null; faults: readonly string[]; log: Log };
