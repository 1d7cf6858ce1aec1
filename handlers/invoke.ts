import { compose } from "../src/compose.ts";
import { createInvokeFunction } from "../src/invoke/invoke-function.ts";
import { INVOKE_QUESTION, rehearse } from "../src/rehearsal.ts";

const composition = compose(process.env);

export const handler = createInvokeFunction(composition);

if (composition.service) {
  await Promise.all([composition.service.warmUp(), rehearse(createInvokeFunction, INVOKE_QUESTION)]);
}
