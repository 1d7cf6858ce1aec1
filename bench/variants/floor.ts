import { callUpstream, signedInAdvance } from "./call.ts";

/** The floor: one call, signed in advance, no secret, no validation. */
export const handler = (event: Parameters<typeof signedInAdvance>[0]) => callUpstream(signedInAdvance(event));
