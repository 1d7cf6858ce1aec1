import { createWorkerFunction } from "../src/chat/worker-function.ts";
import { composeChat } from "../src/compose/chat.ts";

const composition = composeChat(process.env);

export const handler = createWorkerFunction(composition);

await composition.warmUp();
