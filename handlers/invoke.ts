import { compose } from "../src/compose.ts";
import { createInvokeFunction } from "../src/invoke/invoke-function.ts";

const composition = compose(process.env);

export const handler = createInvokeFunction(composition);

await composition.service?.warmUp();
