import { createChatFunction } from "../src/chat/chat-function.ts";
import { composeChat } from "../src/compose/chat.ts";

const composition = composeChat(process.env);

export const handler = createChatFunction(composition);

await composition.warmUp();
