import { composeAsked } from "../src/compose/asked.ts";
import { INVOKE_QUESTION, rehearse } from "../src/compose/prime.ts";
import { createInvokeFunction } from "../src/invoke/invoke-function.ts";

const composition = composeAsked(process.env);

export const handler = createInvokeFunction(composition);

if (composition.service) {
  await Promise.all([composition.service.warmUp(), rehearse(createInvokeFunction, INVOKE_QUESTION)]);
}
