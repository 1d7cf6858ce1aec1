import { createConsoleFunction } from "../src/console/console-function.ts";
import { createLog } from "../src/observe/log.ts";

export const handler = createConsoleFunction({
  assets: import.meta.dirname,
  env: process.env,
  log: createLog({ level: "info" }),
});
