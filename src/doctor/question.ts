import * as z from "zod/mini";
import { DESKTOP_ID } from "../contract/desktop-id.ts";
import { LookupError } from "../contract/errors.ts";

export interface DoctorQuestion {
  /** The profile to examine; the default one when `null`. */
  profile: string | null;
  /** A desktop with unbindings, to see what times look like; none when `null`. */
  desktopId: string | null;
  /** Whether the channels of the watch get a test message. */
  saysHello: boolean;
}

const questionSchema = z.strictObject({
  profile: z.optional(z.string("must be text").check(z.minLength(1, "is empty"))),
  desktop_id: z.optional(z.string("must be text").check(z.regex(DESKTOP_ID, "is no desktop ID"))),
  say_hello: z.optional(z.boolean("must be true or false")),
});

/**
 * `{ "profile"?, "desktop_id"?, "say_hello"? }` as a question.
 *
 * @throws LookupError INVALID_REQUEST that names every fault.
 */
export function readQuestion(input: unknown): DoctorQuestion {
  const result = questionSchema.safeParse(input);
  if (result.success) {
    const { profile, desktop_id: desktopId, say_hello: saysHello } = result.data;
    return { profile: profile ?? null, desktopId: desktopId ?? null, saysHello: saysHello ?? false };
  }
  const errors = result.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
  throw new LookupError("INVALID_REQUEST", { errors });
}
