import { compose } from "../src/compose.ts";
import { createHttpFunction } from "../src/http/http-function.ts";

export const handler = createHttpFunction(compose(process.env));
