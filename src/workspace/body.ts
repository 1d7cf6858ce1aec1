import type { IncomingMessage } from "node:http";
import { TransportFault } from "./transport-fault.ts";

/** The largest answer that is read, decoded or not. 10,000 rows are some 3 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * The decoded body, or `null` when it ended before it was complete.
 *
 * @throws TransportFault `too-large` beyond 8 MiB, decoded or not, and for an encoding that we cannot undo.
 */
export async function readBody(response: IncomingMessage): Promise<Buffer | null> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    if (Number(response.headers["content-length"]) > MAX_BODY_BYTES) throw tooLarge();
    for await (const chunk of response as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > MAX_BODY_BYTES) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof TransportFault) throw error;
    // The connection broke, or what came was not the framing that the headers promised.
    return null;
  }
  if (!response.complete) return null;
  const raw = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
  return await decode(raw, response.headers["content-encoding"]);
}

function tooLarge(): TransportFault {
  return new TransportFault("too-large", `more than ${MAX_BODY_BYTES} bytes`);
}

const DECODERS: Record<string, "gunzipSync" | "inflateSync" | "brotliDecompressSync"> = {
  gzip: "gunzipSync",
  "x-gzip": "gunzipSync",
  deflate: "inflateSync",
  br: "brotliDecompressSync",
};

/**
 * We ask for `identity`. A middlebox that compresses all the same is read, within the same limit; an encoding that
 * we cannot undo, or one on top of another, is refused as it is. `null` when the content is not in its encoding.
 */
export async function decode(raw: Buffer, contentEncoding: string | undefined): Promise<Buffer | null> {
  const encoding = contentEncoding?.trim().toLowerCase() || "identity";
  if (encoding === "identity") return raw;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decoder) throw new TransportFault("too-large", "an encoding that we did not ask for");
  const zlib = await import("node:zlib");
  let decoded: Buffer;
  try {
    decoded = zlib[decoder](raw, { maxOutputLength: MAX_BODY_BYTES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge();
    return null;
  }
  if (decoded[0] === 0x1f && decoded[1] === 0x8b) {
    throw new TransportFault("too-large", "compressed more than once");
  }
  return decoded;
}
