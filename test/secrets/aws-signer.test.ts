import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { SignatureV4 } from "@smithy/signature-v4";
import fc from "fast-check";
import { expect, it } from "vitest";
import { type Scope, sign, type Unsigned } from "../../src/secrets/aws-signer.ts";
import { RUNS } from "../support/runs.ts";

class Sha256 {
  readonly #hash: Hash | Hmac;
  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", secret as Uint8Array);
  }
  update(data: Uint8Array): void {
    this.#hash.update(data);
  }
  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
  reset(): void {}
}

async function bySdk(request: Unsigned, { now, ...scope }: Scope): Promise<Record<string, string>> {
  const signer = new SignatureV4({ ...scope, sha256: Sha256 });
  const { headers } = await signer.sign(
    {
      ...request,
      protocol: "https:",
      hostname: "unused.example",
      headers: { ...request.headers },
      query: {},
    },
    { signingDate: new Date(now) },
  );
  return headers;
}

const word = fc.stringMatching(/^[A-Za-z0-9+/=_-]{1,40}$/);
const segment = fc.stringMatching(/^[A-Za-z0-9~_!'()*@:,;$&+=%-]{0,8}$/);
const request: fc.Arbitrary<Unsigned> = fc.record({
  method: fc.constantFrom("POST", "GET"),
  path: fc
    .array(segment, { maxLength: 4 })
    .map((segments) => `/${segments.map((each) => `${each}/`).join("")}`),
  headers: fc.record({
    host: fc.domain(),
    "content-type": fc.constant("application/x-amz-json-1.1"),
    "x-amz-target": fc.constant("secretsmanager.GetSecretValue"),
  }),
  body: fc.string({ unit: "binary", maxLength: 60 }),
});
const scope: fc.Arbitrary<Scope> = fc.record({
  service: fc.constant("secretsmanager"),
  region: fc.stringMatching(/^[a-z]{2}-[a-z]{4,9}-\d$/),
  credentials: fc.oneof(
    fc.record({ accessKeyId: word, secretAccessKey: word }),
    fc.record({ accessKeyId: word, secretAccessKey: word, sessionToken: word }),
  ),
  now: fc.integer({ min: Date.UTC(2020), max: Date.UTC(2090) }),
});

it("signs as the AWS SDK's own signer does", async () => {
  await fc.assert(
    fc.asyncProperty(request, scope, async (unsigned, goodFor) => {
      expect(sign(unsigned, goodFor)).toEqual(await bySdk(unsigned, goodFor));
    }),
    { numRuns: RUNS },
  );
});
