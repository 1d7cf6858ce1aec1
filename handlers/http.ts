import { HTTP_QUESTION, rehearse } from "../src/compose/prime.ts";
import { compose } from "../src/compose/service.ts";
import { createHttpFunction } from "../src/http/http-function.ts";

const composition = compose(process.env);

export const handler = createHttpFunction(composition);

if (composition.service) {
  await Promise.all([composition.service.warmUp(), rehearse(createHttpFunction, HTTP_QUESTION)]);
}
