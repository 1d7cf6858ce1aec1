import { composeAsked } from "../src/compose/asked.ts";
import { HTTP_QUESTION, rehearse } from "../src/compose/prime.ts";
import { createHttpFunction } from "../src/http/http-function.ts";

const composition = composeAsked(process.env);

export const handler = createHttpFunction(composition);

if (composition.service) {
  await Promise.all([composition.service.warmUp(), rehearse(createHttpFunction, HTTP_QUESTION)]);
}
