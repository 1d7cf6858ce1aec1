import { afterEach, describe, expect, it } from "vitest";
import {
  CHAT_KEYS,
  CHAT_PLATFORMS,
  type ChatPlatform,
  type ChatRequest,
  chatSecretOf,
  feishuRequest,
  signedRequest,
  wecomUrlCheck,
} from "../../sandbox/chat/requests.ts";
import { createChatFunction } from "../../src/chat/chat-function.ts";
import { composeChat } from "../../src/compose/chat.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { SECRET } from "./support/secrets.ts";
import { type Answer, ROWS, type Service, setUp } from "./support/service.ts";
import { giveSecret } from "./support/store.ts";
import { answer } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What was posted to Feishu, which takes no answer in the response. */
const posted: object[] = [];

/** The `chat` function; the store has one text for both secrets, each of which overlooks what is the other's. */
function setUpChat(sections: object = chatSecretOf()): Promise<Service> {
  posted.length = 0;
  return setUp({
    upstream: answer(200, ROWS),
    store: giveSecret({ ...SECRET, ...sections }),
    env: { CHAT_SECRET_ID: "chat/test" },
    entry: (env, world) =>
      createChatFunction(
        composeChat(env, {
          ...world,
          sendToPlatform: async ({ body = "" }) => {
            posted.push(JSON.parse(body));
            const taken = '{"code":0,"tenant_access_token":"t-made-up","expire":7200}';
            return { status: 200, headers: {}, body: Buffer.from(taken) };
          },
        }),
      ),
  });
}

const asked = (platform: ChatPlatform, at = Date.now(), text = `/unbound ${ID}`) =>
  signedRequest(platform, { text }, at);

function send(service: Service, { method, path, query, headers, body }: ChatRequest): Promise<Answer> {
  return service.ask({
    method,
    path,
    query,
    headers,
    body: Buffer.from(body).toString("base64"),
    isBase64Encoded: true,
  });
}

/** The same request with a bit of its signature turned. */
function forged(request: ChatRequest): ChatRequest {
  const turned = (text: string) => text.replace(/[0-9a-zA-Z](?=.?=*$)/, (char) => (char === "a" ? "b" : "a"));
  const headers = Object.entries(request.headers).map(([name, value]) => [
    name,
    /sign|authorization/.test(name) ? turned(value) : value,
  ]);
  const query = request.query.replace(/(?<=msg_signature=)./, (char) => (char === "a" ? "b" : "a"));
  return { ...request, headers: Object.fromEntries(headers), query };
}

/** The same with every secret empty, as an operator's placeholder may be. */
const withEmptySecrets = () =>
  JSON.parse(JSON.stringify(chatSecretOf()), (key, value) =>
    typeof value === "string" && key !== "allow" ? "" : value,
  );

// WeCom's signature and GitHub's tell no time; Feishu delivers again for hours, and is not told by a signature's age.
const WINDOWS: readonly [ChatPlatform, number][] = [
  ["slack", 5 * MINUTE_MS],
  ["teams", 5 * MINUTE_MS],
  ["feishu", 8 * HOUR_MS],
  ["dingtalk", HOUR_MS],
  ["webhook", 5 * MINUTE_MS],
];

type Spoil = () => { request: ChatRequest; sections?: object };

const BAD: readonly (readonly [ChatPlatform, string, Spoil])[] = [
  ...CHAT_PLATFORMS.map((each) => [each, "wrong", () => ({ request: forged(asked(each)) })] as const),
  ...CHAT_PLATFORMS.map(
    (each) => [each, "missing", () => ({ request: { ...asked(each), headers: {}, query: "" } })] as const,
  ),
  ...CHAT_PLATFORMS.map(
    (each) =>
      [
        each,
        "good, but the secret is empty",
        () => ({ request: asked(each), sections: withEmptySecrets() }),
      ] as const,
  ),
  ...WINDOWS.map(
    ([each, ms]) => [each, "old", () => ({ request: asked(each, Date.now() - ms - 5000) })] as const,
  ),
  ...WINDOWS.map(
    ([each, ms]) =>
      [each, "from the future", () => ({ request: asked(each, Date.now() + ms + 5000) })] as const,
  ),
];

describe("a webhook", () => {
  it.each(BAD)(
    "is refused on %s, with an empty body and before anybody is asked, when its signature is %s",
    async (_platform, _how, spoil) => {
      const { request, sections } = spoil();
      const service = await setUpChat(sections);
      const { status, text } = await send(service, request);
      expect([status, text]).toEqual([401, ""]);
      expect(service.upstream.heard).toEqual([]);
      expect(posted).toEqual([]);
    },
  );

  it.each(CHAT_PLATFORMS)(
    "is answered once on %s, however often it is delivered, within eight hours",
    async (platform) => {
      const service = await setUpChat();
      const id = "once-and-no-more";
      const deliver = (headers: Record<string, string> = {}) => {
        const request = signedRequest(platform, { text: `/unbound ${ID}`, id }, Date.now());
        return send(service, { ...request, headers: { ...request.headers, ...headers } });
      };
      const first = await deliver();
      expect(first.status).toBe(200);
      expect(service.upstream.heard).toHaveLength(1);
      const answersSent = posted.length;
      for (let retry = 1; retry <= 3; retry++) {
        const again = await deliver({
          "x-slack-retry-num": String(retry),
          "x-slack-retry-reason": "http_timeout",
        });
        expect([again.status, again.text]).toEqual([200, ""]);
      }
      expect(service.upstream.heard).toHaveLength(1);
      expect(posted).toHaveLength(answersSent);
    },
  );

  it.each<[string, () => ChatRequest, string]>([
    [
      "Slack's certificate check",
      () => ({ ...asked("slack"), headers: {}, body: "ssl_check=1&token=made-up" }),
      "",
    ],
    [
      "Feishu's challenge",
      () =>
        feishuRequest(
          { challenge: "c-1", token: CHAT_KEYS.feishuVerificationToken, type: "url_verification" },
          Date.now(),
        ),
      '{"challenge":"c-1"}',
    ],
    ["WeCom's check of the URL", () => wecomUrlCheck("16163", Date.now()), "16163"],
  ])(
    "that is a handshake of %s is answered as the platform expects, with no other effect",
    async (_, requestOf, expected) => {
      const service = await setUpChat();
      const { status, text } = await send(service, requestOf());
      expect([status, text]).toEqual([200, expected]);
      expect(service.upstream.heard).toEqual([]);
    },
  );

  it.each(CHAT_PLATFORMS)(
    "that is no ASCII and comes in base64 is verified as the bytes that were signed on %s",
    async (platform) => {
      const service = await setUpChat();
      const { status, text } = await send(service, asked(platform, Date.now(), `/unbound ${ID} user=设计部`));
      expect([status, text.includes("UNAUTHENTICATED")]).toEqual([200, false]);
      expect(service.upstream.heard).toHaveLength(1);
    },
  );
});
