import { compose } from "../src/compose.ts";
import { createHttpFunction } from "../src/http/http-function.ts";

const composition = compose(process.env);

export const handler = createHttpFunction(composition);

await composition.service?.warmUp();
