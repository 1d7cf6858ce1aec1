import type { UpstreamAnswer } from "../../src/net/transport.ts";

type Headers = UpstreamAnswer["headers"];

/** An upstream's answer; what is no text or bytes goes as JSON. `null` was cut off on the way. */
export function anAnswer(status: number, body: unknown, headers: Headers = {}): UpstreamAnswer {
  if (body === null || Buffer.isBuffer(body)) return { status, headers, body };
  return { status, headers, body: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)) };
}
