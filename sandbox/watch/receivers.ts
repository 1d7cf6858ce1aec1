import { createHmac } from "node:crypto";
import { readBytes, type Serving, serve } from "../serve.ts";

/** The secrets of the made-up channels. */
export const WATCH_KEYS = {
  feishu: "made-up-feishu-secret",
  dingtalk: "SECmadeupdingtalksecret",
  webhook: `whsec_${Buffer.from("made-up-webhook-key-of-the-sandbox").toString("base64")}`,
} as const;

const MAX_BODY_BYTES = 256 * 1024;
const MINUTE_MS = 60_000;

export interface Received {
  channel: string;
  /** What people would see first. */
  summary: string;
}

type Fields = Record<string, unknown>;

interface Delivery {
  body: Fields;
  bytes: number;
  headers: Readonly<Record<string, string | undefined>>;
  query: URLSearchParams;
  text: string;
}

interface Platform {
  /** Messages a minute, and bytes of one. */
  most: number;
  maxBytes: number;
  isSigned: (request: Delivery) => boolean;
  taken: [status: number, body: string];
  refused: (why: "signature" | "size" | "rate") => [status: number, body: string];
  summaryOf: (body: Fields) => unknown;
}

const hmac = (key: string | Buffer, data: string) => createHmac("sha256", key).update(data).digest("base64");
const at = (value: unknown, ...path: string[]): unknown =>
  path.reduce((found, name) => (found as Fields | undefined)?.[name], value);

const byCode = (field: string, codes: Record<"signature" | "size" | "rate", number>): Platform["refused"] => {
  return (why) => [
    200,
    JSON.stringify({ [field]: codes[why], errmsg: why === "signature" ? "sign not match" : why }),
  ];
};

const PLATFORMS: Readonly<Record<string, Platform>> = {
  slack: {
    most: 60,
    maxBytes: 40_000,
    isSigned: () => true,
    taken: [200, "ok"],
    refused: (why) => (why === "rate" ? [429, "rate_limited"] : [400, "invalid_payload"]),
    summaryOf: ({ text }) => text,
  },
  teams: {
    most: 240,
    maxBytes: 18_000,
    isSigned: () => true,
    taken: [202, ""],
    refused: (why) => [why === "rate" ? 429 : 413, ""],
    summaryOf: ({ attachments }) => at((attachments as unknown[])[0], "content", "fallbackText"),
  },
  feishu: {
    most: 100,
    maxBytes: 20_000,
    isSigned: ({ body }) => body["sign"] === hmac(`${body["timestamp"]}\n${WATCH_KEYS.feishu}`, ""),
    taken: [200, '{"code":0,"msg":"success"}'],
    refused: byCode("code", { signature: 19021, size: 19036, rate: 11232 }),
    summaryOf: (body) => at(body, "card", "config", "summary", "content"),
  },
  dingtalk: {
    most: 20,
    maxBytes: 20_000,
    isSigned: ({ query }) =>
      query.get("sign") === hmac(WATCH_KEYS.dingtalk, `${query.get("timestamp")}\n${WATCH_KEYS.dingtalk}`),
    taken: [200, '{"errcode":0,"errmsg":"ok"}'],
    refused: byCode("errcode", { signature: 310000, size: 460101, rate: 130101 }),
    summaryOf: (body) => at(body, "markdown", "title"),
  },
  wecom: {
    most: 20,
    maxBytes: 4096 + 100,
    isSigned: () => true,
    taken: [200, '{"errcode":0,"errmsg":"ok"}'],
    refused: byCode("errcode", { signature: 93000, size: 40058, rate: 45009 }),
    summaryOf: (body) => String(at(body, "markdown", "content")).replaceAll("\n", " "),
  },
  webhook: {
    most: 600,
    maxBytes: MAX_BODY_BYTES,
    isSigned: ({ headers, text }) => {
      const key = Buffer.from(WATCH_KEYS.webhook.slice("whsec_".length), "base64");
      const signed = `${headers["webhook-id"]}.${headers["webhook-timestamp"]}.${text}`;
      return headers["webhook-signature"] === `v1,${hmac(key, signed)}`;
    },
    taken: [204, ""],
    refused: (why) => [why === "rate" ? 429 : 400, ""],
    summaryOf: ({ event, user_name: user, desktop_name: desktop }) => `${event}: ${user}, ${desktop}`,
  },
  eventbridge: {
    most: 600,
    maxBytes: MAX_BODY_BYTES,
    isSigned: ({ headers }) => /^AWS4-HMAC-SHA256 /.test(headers["authorization"] ?? ""),
    taken: [200, ""],
    refused: () => [400, '{"__type":"ThrottlingException"}'],
    summaryOf: ({ Entries: entries }) => (entries as Fields[]).map((entry) => entry["DetailType"]).join(", "),
  },
};

/**
 * What the watch tells, taken as the platforms take it: signatures, sizes and rates are looked at. EventBridge is at the root, as
 * the AWS SDK wants it.
 *
 * @param told Hears of every message that was taken.
 */
export function serveReceivers(told: (received: Received) => void): Promise<Serving> {
  const recent = new Map<string, number[]>();

  function refusal(channel: string, platform: Platform, request: Delivery) {
    if (!platform.isSigned(request)) return "signature";
    if (request.bytes > platform.maxBytes) return "size";
    const now = Date.now();
    const times = (recent.get(channel) ?? []).filter((time) => time > now - MINUTE_MS);
    recent.set(channel, [...times, now]);
    return times.length >= platform.most ? "rate" : null;
  }

  return serve(async (incoming, response) => {
    const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://localhost");
    const channel = pathname === "/" ? "eventbridge" : (pathname.split("/")[1] ?? "");
    const platform = PLATFORMS[channel];
    const bytes = await readBytes(incoming, MAX_BODY_BYTES);
    if (!platform || bytes === null) {
      response.writeHead(404).end();
      return;
    }
    const text = bytes.toString("utf8");
    const headers = incoming.headers as Delivery["headers"];
    const request = { body: JSON.parse(text), bytes: bytes.length, headers, query: searchParams, text };
    const why = refusal(channel, platform, request);
    const [status, body] = why === null ? platform.taken : platform.refused(why);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(channel === "eventbridge" && why === null ? takenEntries(request.body) : body);
    const summary = why === null ? String(platform.summaryOf(request.body)) : `refused: ${why}`;
    told({ channel, summary });
  });
}

function takenEntries({ Entries: entries }: Fields): string {
  return JSON.stringify({
    FailedEntryCount: 0,
    Entries: (entries as unknown[]).map((_, index) => ({ EventId: `sandbox-${Date.now()}-${index}` })),
  });
}

/** The watch secret that opens them. */
export function watchSecretOf(receivers: string): string {
  const channels = ["slack", "teams", "feishu", "dingtalk", "wecom", "webhook"].map((to) => ({
    name: to,
    to,
    url: `${receivers}/${to}/hook?key=made-up`,
    ...(to in WATCH_KEYS && { secret: WATCH_KEYS[to as keyof typeof WATCH_KEYS] }),
  }));
  return JSON.stringify({ watch: { channels } });
}
