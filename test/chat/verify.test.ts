import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { verifyDingtalk } from "../../src/chat/platforms/dingtalk.ts";
import { decryptFeishu, verifyFeishu } from "../../src/chat/platforms/feishu.ts";
import { verifySlack } from "../../src/chat/platforms/slack.ts";
import { verifyTeams } from "../../src/chat/platforms/teams.ts";
import { verifyHubSignature, verifyStandardWebhook } from "../../src/chat/platforms/webhook.ts";
import { decryptWecom, verifyWecom } from "../../src/chat/platforms/wecom-crypto.ts";
import type { Verification } from "../../src/chat/verification.ts";
import chat from "../data/chat-vectors.json" with { type: "json" };

interface Vector {
  id: string;
  platform: string;
  expect?: string;
  secret?: string;
  encrypt_key?: string;
  token?: string;
  encoding_aes_key?: string;
  receive_id?: string;
  now_unix?: number;
  now_ms?: number;
  encrypt?: string;
  expect_plaintext?: string;
  expect_plaintext_json?: unknown;
  expect_reply_plaintext?: string;
  request?: {
    headers?: Record<string, string>;
    query?: Record<string, string>;
    body?: string;
    body_base64?: string;
    isBase64Encoded?: boolean;
  };
}

const VECTORS = chat.vectors as unknown as Vector[];
const FIVE_MINUTES = 300_000;

/** The bytes as they came, out of either form that a gateway hands over. */
function bodiesOf({ request }: Vector): Buffer[] {
  const body = Buffer.from(request?.body ?? "", request?.isBase64Encoded ? "base64" : "utf8");
  return request?.body_base64 === undefined ? [body] : [body, Buffer.from(request.body_base64, "base64")];
}

function verify(vector: Vector, raw: Buffer): Verification {
  const headers = vector.request?.headers ?? {};
  const now = vector.now_ms ?? (vector.now_unix ?? 0) * 1000;
  const secrets = [vector.secret ?? ""];
  switch (vector.platform) {
    case "slack":
      return verifySlack(raw, headers, secrets, now);
    case "teams":
      return verifyTeams(raw, headers, secrets);
    case "feishu":
      return verifyFeishu(
        raw,
        headers,
        { encryptKeys: [vector.encrypt_key ?? ""], windowMs: FIVE_MINUTES },
        now,
      );
    case "dingtalk":
      return verifyDingtalk(headers, secrets, now);
    case "wecom":
      return verifyWecom(vector.request?.query ?? {}, vector.request?.query?.["echostr"] ?? "", {
        token: vector.token ?? "",
      });
    case "standard-webhooks":
      return verifyStandardWebhook(raw, headers, secrets, now);
    case "github-hmac":
      return verifyHubSignature(raw, headers, secrets);
    default:
      throw new Error(`no verifier for ${vector.platform}`);
  }
}

const SIGNED = VECTORS.filter(
  ({ request, expect: expected }) => request && expected && expected !== "reply-200-empty-no-side-effect",
);

describe("the vectors", () => {
  it("are all there", () => {
    expect(VECTORS).toHaveLength(33);
    expect(SIGNED).toHaveLength(29);
  });

  it.each(SIGNED.map((vector) => [vector.id, vector] as const))("%s is judged as it must be", (_, vector) => {
    const expected = vector.expect === "bad_scheme" ? "bad-scheme" : vector.expect;
    for (const raw of bodiesOf(vector)) expect(verify(vector, raw)).toBe(expected);
  });

  it.each(
    SIGNED.filter(({ expect: expected }) => expected === "ok").map((vector) => [vector.id, vector] as const),
  )("%s is refused with an empty secret, or none", (_, vector) => {
    const [raw = Buffer.alloc(0)] = bodiesOf(vector);
    expect(verify({ ...vector, secret: "", encrypt_key: "", token: "" }, raw)).toBe("mismatch");
  });

  it("of Feishu's encryption are decrypted", () => {
    const hello = VECTORS.find(({ id }) => id === "feishu/official-decrypt-hello-world") as Vector;
    expect(decryptFeishu(hello.encrypt ?? "", ["another", hello.encrypt_key ?? ""])).toBe(
      hello.expect_plaintext,
    );
    for (const vector of VECTORS.filter(({ expect_plaintext_json }) => expect_plaintext_json)) {
      const { encrypt } = JSON.parse(vector.request?.body ?? "");
      expect(JSON.parse(decryptFeishu(encrypt, [vector.encrypt_key ?? ""]) ?? "")).toEqual(
        vector.expect_plaintext_json,
      );
    }
    expect(decryptFeishu("AAAA", ["key"])).toBeNull();
    expect(decryptFeishu(hello.encrypt ?? "", [])).toBeNull();
  });

  it("of WeCom's encryption are decrypted, for the receiver that they are for", () => {
    const vector = VECTORS.find(({ platform }) => platform === "wecom") as Vector;
    const keys = {
      token: vector.token ?? "",
      encodingAesKey: vector.encoding_aes_key ?? "",
      receiveId: vector.receive_id ?? "",
    };
    const echo = vector.request?.query?.["echostr"] ?? "";
    expect(decryptWecom(echo, keys)).toBe(vector.expect_reply_plaintext);
    expect(decryptWecom(echo, { ...keys, receiveId: "somebody-else" })).toBeNull();
    expect(decryptWecom(echo, { ...keys, receiveId: "" })).toBeNull();
    expect(decryptWecom(echo.slice(4), keys)).toBeNull();
    expect(decryptWecom("", keys)).toBeNull();
  });
});

const NOW = 1_764_000_000_000;
const STAMP = String(NOW / 1000);
const hex = (key: string | Buffer, content: string | Buffer) =>
  createHmac("sha256", key).update(content).digest("hex");
const base64 = (key: string | Buffer, content: string | Buffer) =>
  createHmac("sha256", key).update(content).digest("base64");
const key64 = (secret: string) => Buffer.from(secret).toString("base64");

/** Each scheme: how a platform signs, and how we check it; written apart from what is tested. */
const SCHEMES: Record<
  string,
  {
    sign: (raw: Buffer, secret: string) => Record<string, string>;
    check: (raw: Buffer, headers: Record<string, string>, secrets: string[], now: number) => Verification;
    coversBody: boolean;
    windowMs: number | null;
  }
> = {
  slack: {
    sign: (raw, secret) => ({
      "x-slack-request-timestamp": STAMP,
      "x-slack-signature": `v0=${hex(secret, Buffer.concat([Buffer.from(`v0:${STAMP}:`), raw]))}`,
    }),
    check: verifySlack,
    coversBody: true,
    windowMs: FIVE_MINUTES,
  },
  teams: {
    sign: (raw, secret) => ({ authorization: `HMAC ${base64(secret, raw)}` }),
    check: (raw, headers, secrets) => verifyTeams(raw, headers, secrets.map(key64)),
    coversBody: true,
    windowMs: null,
  },
  feishu: {
    sign: (raw, secret) => ({
      "x-lark-request-timestamp": STAMP,
      "x-lark-request-nonce": "n",
      "x-lark-signature": createHash("sha256").update(`${STAMP}n${secret}`).update(raw).digest("hex"),
    }),
    check: (raw, headers, encryptKeys, now) => verifyFeishu(raw, headers, { encryptKeys }, now),
    coversBody: true,
    windowMs: 8 * 3_600_000,
  },
  dingtalk: {
    sign: (_, secret) => ({ timestamp: String(NOW), sign: base64(secret, `${NOW}\n${secret}`) }),
    check: (_, headers, secrets, now) => verifyDingtalk(headers, secrets, now),
    coversBody: false,
    windowMs: 3_600_000,
  },
  "standard webhooks": {
    sign: (raw, secret) => ({
      "webhook-id": "msg_1",
      "webhook-timestamp": STAMP,
      "webhook-signature": `v1,${base64(secret, Buffer.concat([Buffer.from(`msg_1.${STAMP}.`), raw]))}`,
    }),
    check: (raw, headers, secrets, now) =>
      verifyStandardWebhook(
        raw,
        headers,
        secrets.map((secret) => `whsec_${key64(secret)}`),
        now,
      ),
    coversBody: true,
    windowMs: FIVE_MINUTES,
  },
  "hub signature": {
    sign: (raw, secret) => ({ "x-hub-signature-256": `sha256=${hex(secret, raw)}` }),
    check: (raw, headers, secrets) => verifyHubSignature(raw, headers, secrets),
    coversBody: true,
    windowMs: null,
  },
};

const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));
// An HMAC pads its key with zeros: two keys that differ in trailing ones alone are the same key.
const secret = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(..."abcXYZ019-_/+ é") });

describe.each(Object.entries(SCHEMES))("%s", (_, { sign, check, coversBody, windowMs }) => {
  it("accepts any bytes that were signed with one of its secrets, whichever of them", () => {
    fc.assert(
      fc.property(bytes, secret, secret, (raw, one, other) => {
        expect(check(raw, sign(raw, one), [one], NOW)).toBe("ok");
        expect(check(raw, sign(raw, one), [other, one], NOW)).toBe("ok");
      }),
      { numRuns: 500 },
    );
  });

  it("refuses another secret's signature, a signature changed anywhere, and bytes changed anywhere", () => {
    fc.assert(
      fc.property(bytes, secret, secret, fc.nat(), (raw, one, other, at) => {
        const headers = sign(raw, one);
        if (one !== other) expect(check(raw, headers, [other], NOW)).not.toBe("ok");
        const [name, signature] = Object.entries(headers).at(-1) as [string, string];
        const index = at % signature.length;
        const changed = `${signature.slice(0, index)}!${signature.slice(index + 1)}`;
        expect(check(raw, { ...headers, [name]: changed }, [one], NOW)).not.toBe("ok");
        if (!coversBody) return;
        expect(check(Buffer.concat([raw, Buffer.from("x")]), headers, [one], NOW)).not.toBe("ok");
        if (raw.length === 0) return;
        const flipped = Buffer.from(raw);
        flipped[at % raw.length] = (flipped[at % raw.length] as number) ^ 1;
        expect(check(flipped, headers, [one], NOW)).not.toBe("ok");
      }),
      { numRuns: 500 },
    );
  });

  it("refuses everything with an empty secret or none, even what an empty key has signed", () => {
    const raw = Buffer.from("{}");
    expect(check(raw, sign(raw, ""), [""], NOW)).not.toBe("ok");
    expect(check(raw, sign(raw, "secret"), [], NOW)).not.toBe("ok");
  });

  it("refuses what is not signed at all, without a throw", () => {
    for (const headers of [{}, ...Object.keys(sign(Buffer.alloc(0), "s")).map((name) => ({ [name]: "" }))]) {
      expect(check(Buffer.from("{}"), headers, ["s"], NOW)).not.toBe("ok");
    }
  });

  // WeCom's signature and GitHub's tell no time.
  if (windowMs === null) return;
  const within = windowMs;

  it("looks at the clock on both sides", () => {
    const raw = Buffer.from("{}");
    for (const now of [NOW + within, NOW - within]) expect(check(raw, sign(raw, "s"), ["s"], now)).toBe("ok");
    for (const now of [NOW + within + 1, NOW - within - 1])
      expect(check(raw, sign(raw, "s"), ["s"], now)).toBe("stale");
  });
});
