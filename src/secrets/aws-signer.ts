import type { Hash, Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";

// Imported, it would be shared with what is loaded at once, by a chunk of its own.
const { createHash, createHmac } = process.getBuiltinModule("node:crypto");

/** A request to an AWS service, before it is signed. */
export interface Unsigned {
  method: string;
  protocol: string;
  hostname: string;
  path: string;
  headers: Readonly<Record<string, string>>;
  body: string;
}

/** What a signature is good for, and by whom. */
export interface Scope {
  service: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string };
  /** Milliseconds since the epoch: the moment of sending. */
  now: number;
}

/** What the SDK's signer wants for a hash: the SDK's own is made for browsers as well. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    // It is text or bytes: the type names all that a browser could give.
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as Uint8Array);
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }

  /** Part of the type; the signer makes a new one for each text. */
  reset(): void {}
}

/** Signs a request for AWS (Signature Version 4); answers with all headers to send. */
export async function sign(request: Unsigned, { now, ...scope }: Scope): Promise<Record<string, string>> {
  const signer = new SignatureV4({ ...scope, sha256: Sha256 });
  const { headers } = await signer.sign(
    { ...request, headers: { ...request.headers }, query: {} },
    { signingDate: new Date(now) },
  );
  return headers;
}
