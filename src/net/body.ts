import type { IncomingMessage } from "node:http";
import { TransportFault } from "./transport-fault.ts";

/** The largest answer that is read, decoded or not. 10,000 rows are some 3 MB. */
const MAX_BODY_BYTES = 8 * 1024 * 1024;

/**
 * The decoded body, or `null` when it ended before it was complete. By its events: iterating over it costs a call a
 * tenth of its CPU.
 *
 * @throws TransportFault `too-large` beyond that many bytes, decoded or not, and for an encoding that we cannot undo.
 */
export function readBody(
  response: IncomingMessage,
  maxBytes: number = MAX_BODY_BYTES,
): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    if (Number(response.headers["content-length"]) > maxBytes) return reject(tooLarge(maxBytes));
    const chunks: Buffer[] = [];
    let length = 0;
    response.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > maxBytes) return reject(tooLarge(maxBytes));
      chunks.push(chunk);
    });
    response.on("end", () => {
      if (!response.complete) return resolve(null);
      const raw = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks, length);
      try {
        resolve(decode(raw, response.headers["content-encoding"], maxBytes));
      } catch (fault) {
        reject(fault);
      }
    });
    // The connection broke, or what came was not the framing that the headers promised.
    response.on("error", () => resolve(null));
    response.on("close", () => resolve(null));
  });
}

function tooLarge(maxBytes: number): TransportFault {
  return new TransportFault("too-large", `more than ${maxBytes} bytes`);
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
export function decode(
  raw: Buffer,
  contentEncoding: string | undefined,
  maxBytes: number = MAX_BODY_BYTES,
): Buffer | null {
  const encoding = contentEncoding?.trim().toLowerCase() || "identity";
  if (encoding === "identity") return raw;
  const decoder = Object.hasOwn(DECODERS, encoding) ? DECODERS[encoding] : undefined;
  if (!decoder) throw new TransportFault("too-large", "an encoding that we did not ask for");
  // Not at the top: nearly no container needs it.
  const zlib = process.getBuiltinModule("node:zlib");
  let decoded: Buffer;
  try {
    decoded = zlib[decoder](raw, { maxOutputLength: maxBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(maxBytes);
    return null;
  }
  if (decoded[0] === 0x1f && decoded[1] === 0x8b) {
    throw new TransportFault("too-large", "compressed more than once");
  }
  return decoded;
}
