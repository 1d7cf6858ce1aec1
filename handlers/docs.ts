import { createDocsFunction } from "../src/docs/docs-function.ts";
import { createLog } from "../src/observe/log.ts";

export const handler = createDocsFunction({
  assets: import.meta.dirname,
  log: createLog({ level: "info" }),
});
