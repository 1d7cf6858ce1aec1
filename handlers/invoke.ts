import { INVOKE_QUESTION, rehearse } from "../src/compose/prime.ts";
import { compose } from "../src/compose/service.ts";
import { createInvokeFunction } from "../src/invoke/invoke-function.ts";

const composition = compose(process.env);

export const handler = createInvokeFunction(composition);

if (composition.service) {
  await Promise.all([composition.service.warmUp(), rehearse(createInvokeFunction, INVOKE_QUESTION)]);
}
