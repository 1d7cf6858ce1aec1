import * as z from "zod/mini";
import { LANGUAGES } from "./language.ts";

/** What `chat` hands to `chat-worker`: a message that was verified and admitted, and where its answer is to go. */
export const jobSchema = z.strictObject({
  platform: z.string(),
  message: z.strictObject({
    id: z.nullable(z.string()),
    text: z.string(),
    sender: z.record(z.string(), z.nullable(z.string())),
    language: z.nullable(z.enum(LANGUAGES)),
    timeZone: z.nullable(z.string()),
    returnTo: z.record(z.string(), z.string()),
  }),
  requestId: z.string(),
});

export type Job = z.infer<typeof jobSchema>;

/** Starts the worker and does not wait for what it does. */
export type StartWorker = (job: Job, signal: AbortSignal) => Promise<void>;
