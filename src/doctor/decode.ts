import type { Endpoint } from "../net/endpoint.ts";
import { parseEndpoint } from "../net/endpoint.ts";
import { MalformedAnswer } from "../workspace/answer.ts";
import type { Profile } from "../workspace/profile.ts";
import { type Caller, tell } from "./call.ts";

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
  const endpoint = stsEndpoint(profile.endpoint);
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

/** The STS beside a region's Workspace; a stand-in on loopback serves both. A private endpoint has none we know. */
function stsEndpoint(endpoint: Endpoint): Endpoint | null {
  if (endpoint.protocol === "http:") return endpoint;
  const match = /^https:\/\/workspace\.([a-z0-9-]+)\.myhuaweicloud\.com$/.exec(endpoint.origin);
  return match ? parseEndpoint(`https://sts.${match[1]}.myhuaweicloud.com`) : null;
}
