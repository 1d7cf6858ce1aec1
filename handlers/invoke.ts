import { compose } from "../src/compose.ts";
import { createInvokeFunction } from "../src/invoke/invoke-function.ts";

export const handler = createInvokeFunction(compose(process.env));
