import { composeWatch } from "../src/compose/watch.ts";
import { createWatchFunction } from "../src/watch/watch-function.ts";

export const handler = createWatchFunction(composeWatch(process.env));
