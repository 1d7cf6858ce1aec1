import { MalformedAnswer } from "../workspace/answer.ts";
import type { Profile } from "../workspace/profile.ts";
import { type Caller, tell } from "./call.ts";
import { neighbour } from "./neighbour.ts";

const MAX_ENCODED_LENGTH = 10_240;

/**
 * What the policy engine says of a denial. It names principals and policies: for operators, never for callers.
 * `null`, with the reason beside it in words, is no failure of the examination.
 *
 * @see reference: STS `POST /v5/decode-authorization-message`, permission `sts::decodeAuthorizationMessage`.
 */
export async function decodeAuthorizationMessage(
  caller: Caller,
  profile: Profile,
  encoded: string,
): Promise<string | null> {
  const endpoint = neighbour(profile.endpoint, "sts");
  if (!endpoint || encoded.length > MAX_ENCODED_LENGTH) return null;
  const { verdict } = await tell(caller, profile, {
    endpoint,
    method: "POST",
    path: "/v5/decode-authorization-message",
    body: JSON.stringify({ encoded_message: encoded }),
    read: ({ decoded_message: decoded }) => {
      if (typeof decoded !== "string") throw new MalformedAnswer("no decoded message");
      return decoded;
    },
  });
  return verdict.ok ? verdict.value : null;
}
