import { createWorkerFunction } from "../src/chat/worker-function.ts";
import { composeChat, PATIENT_ATTEMPTS } from "../src/compose-chat.ts";

const composition = composeChat(process.env, {}, PATIENT_ATTEMPTS);

export const handler = createWorkerFunction(composition);

await composition.warmUp();
