import type { Message } from "./message.ts";
import { isFields, LEGACY, MODERN, Refused, SUPPORTED } from "./protocol.ts";

/** Names in lower case. */
export type RequestHeaders = Readonly<Record<string, string>>;

const VERSION_KEY = "io.modelcontextprotocol/protocolVersion";
const CAPABILITIES_KEY = "io.modelcontextprotocol/clientCapabilities";

/**
 * Whether a message is to be answered by the rules of the modern revision. The body decides, and the headers must agree with
 * it: what lies between may have looked at them alone.
 *
 * https://modelcontextprotocol.io/specification/2026-07-28/basic/transports/streamable-http#server-validation
 *
 * @throws Refused for a version that is not served here, and for each of those rules that is broken.
 */
export function isModern({ id, method, params }: Message, headers: RequestHeaders): boolean {
  const meta = isFields(params["_meta"]) ? params["_meta"] : {};
  const declared = meta[VERSION_KEY];
  const header = headers["mcp-protocol-version"]?.trim();
  if (declared === undefined && header !== MODERN) {
    // A client that has not been told a version yet has none to send.
    if (header !== undefined && !LEGACY.includes(header)) throw unsupported(header);
    return false;
  }
  // The rules are about requests: this revision knows no notification from a client.
  if (id === undefined) return true;
  if (typeof declared !== "string") throw missing(VERSION_KEY);
  if (header !== declared) throw mismatch("MCP-Protocol-Version");
  if (LEGACY.includes(declared)) return false;
  if (declared !== MODERN) throw unsupported(declared);
  if (!isFields(meta[CAPABILITIES_KEY])) throw missing(CAPABILITIES_KEY);
  if (headers["mcp-method"]?.trim() !== method) throw mismatch("Mcp-Method");
  if (method === "tools/call" && decode(headers["mcp-name"]) !== params["name"]) throw mismatch("Mcp-Name");
  return true;
}

function unsupported(version: string): Refused {
  // What a stranger sent is given back, but not at any length.
  const data = { supported: SUPPORTED, requested: version.slice(0, 64) };
  return new Refused(400, -32022, "Unsupported protocol version", data);
}

function missing(key: string): Refused {
  return new Refused(400, -32602, `Invalid params: _meta needs ${key}`);
}

function mismatch(header: string): Refused {
  return new Refused(400, -32020, `Header mismatch: ${header} differs from the body`);
}

/** A header's value, which may be in base64; one that is not well-formed is no name of ours. */
function decode(value = ""): string | undefined {
  const text = value.trim();
  const base64 = /^=\?base64\?(.*)\?=$/.exec(text)?.[1];
  if (base64 === undefined) return text;
  const bytes = Buffer.from(base64, "base64");
  return bytes.toString("base64") === base64 ? bytes.toString() : undefined;
}
