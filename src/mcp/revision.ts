import type { Message } from "./message.ts";
import { isFields, LEGACY, META, MODERN, type Refusal, refusal, SUPPORTED } from "./protocol.ts";

/** Names in lower case. */
export type Headers = Readonly<Record<string, string>>;

/** By which rules a message is answered. */
export type Revision = { isModern: boolean; refused: null } | { isModern: boolean; refused: Refusal };

/**
 * The revision that a message declares, and what of its rules it breaks. The body decides and the header must agree with it:
 * what lies between may have looked at the header alone.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 */
export function readRevision({ id, method, params }: Message, headers: Headers): Revision {
  const meta = isFields(params["_meta"]) ? params["_meta"] : {};
  const declared = meta[META.version];
  const header = headers["mcp-protocol-version"]?.trim();
  if (declared === undefined && header !== MODERN) {
    // A client that has not been told a version yet has none to send.
    return header === undefined || LEGACY.includes(header) ? legacy() : refused(unsupported(header));
  }
  // The rules are about requests; clients of this revision send no notifications.
  if (id === undefined) return modern();
  if (typeof declared !== "string") return refused(malformed(META.version));
  if (header !== declared) return refused(mismatch("MCP-Protocol-Version"));
  if (LEGACY.includes(declared)) return legacy();
  if (declared !== MODERN) return refused(unsupported(declared));
  if (!isFields(meta[META.capabilities])) return refused(malformed(META.capabilities));
  if (headers["mcp-method"]?.trim() !== method) return refused(mismatch("Mcp-Method"));
  if (method === "tools/call" && decode(headers["mcp-name"]) !== params["name"]) {
    return refused(mismatch("Mcp-Name"));
  }
  return modern();
}

const legacy = (): Revision => ({ isModern: false, refused: null });
const modern = (): Revision => ({ isModern: true, refused: null });
const refused = (refused: Refusal): Revision => ({ isModern: true, refused });

function unsupported(requested: string): Refusal {
  // What a stranger sent is given back, but not at any length.
  const data = { supported: SUPPORTED, requested: requested.slice(0, 64) };
  return refusal(400, "unsupportedVersion", "Unsupported protocol version", data);
}

function malformed(key: string): Refusal {
  return refusal(400, "invalidParams", `params._meta needs ${key}`);
}

function mismatch(header: string): Refusal {
  return refusal(400, "headerMismatch", `Header mismatch: ${header} is missing or differs from the body`);
}

const ENCODED = /^=\?base64\?(.*)\?=$/;

/** A header's value, which may be in base64. What is not well-formed is like no name of ours. */
function decode(value: string | undefined): string | undefined {
  const text = value?.trim();
  const [, base64] = ENCODED.exec(text ?? "") ?? [];
  if (base64 === undefined) return text;
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? bytes.toString("utf8") : undefined;
}
