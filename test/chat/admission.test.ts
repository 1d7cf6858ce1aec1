import { describe, expect, it } from "vitest";
import {
  CHAT_KEYS,
  type ChatPlatform,
  chatSecretOf,
  feishuRequest,
  signedRequest,
} from "../../sandbox/chat/requests.ts";
import { isAdmitted } from "../../src/chat/admission.ts";
import { chatStage } from "../support/chat.ts";
import { rowsOf } from "../support/world.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";

/** The lists of each platform, and who it is that the sandbox's requests come from. */
const SENDERS: Record<Exclude<ChatPlatform, "webhook">, Record<string, string>> = {
  slack: { teams: "T0MADEUP", channels: "C0MADEUP", users: "U0MADEUP" },
  teams: { tenants: "tenant-made-up", teams: "19:made-up@thread.tacv2", users: "user-made-up" },
  feishu: { tenants: "tenant-made-up", chats: "oc_made_up", users: "ou_made_up" },
  dingtalk: { corps: "corp-made-up", users: "staff-made-up" },
  wecom: { users: "user-made-up" },
};
const LISTED = Object.entries(SENDERS) as [ChatPlatform, Record<string, string>][];

/** Whether the upstream was asked for a person, with that `allow` in the chat secret. */
async function isAnswered(platform: ChatPlatform, allow: unknown): Promise<boolean> {
  const secret = chatSecretOf() as Record<string, Record<string, unknown>>;
  const stage = chatStage({
    say: () => rowsOf(ID, "alice"),
    chatSecret: () => ({ ...secret, [platform]: { ...secret[platform], allow } }),
  });
  const { statusCode } = await stage.ask(
    signedRequest(platform, { text: `/unbound ${ID}` }, stage.wallNow()),
  );
  expect(statusCode).toBe(200);
  return stage.heard.length > 0;
}

describe("an allow-list", () => {
  it.each(LISTED)(
    "of %s lets nobody in while it is missing or empty, unless all are let in",
    async (platform, ids) => {
      const empty = Object.fromEntries(Object.keys(ids).map((list) => [list, []]));
      expect(await isAnswered(platform, undefined)).toBe(false);
      expect(await isAnswered(platform, {})).toBe(false);
      expect(await isAnswered(platform, empty)).toBe(false);
      expect(await isAnswered(platform, "all")).toBe(true);
    },
  );

  it.each(LISTED)("of %s lets in who is on every list that is not empty", async (platform, ids) => {
    const all = Object.fromEntries(Object.entries(ids).map(([list, id]) => [list, ["another", id]]));
    expect(await isAnswered(platform, all)).toBe(true);
    for (const [list, id] of Object.entries(ids)) {
      expect(await isAnswered(platform, { [list]: [id] })).toBe(true);
      expect(await isAnswered(platform, { ...all, [list]: ["another"] })).toBe(false);
      expect(
        await isAnswered(platform, { ...all, [list]: [id.toLowerCase().toUpperCase().concat("x")] }),
      ).toBe(false);
    }
  });

  it("never lets in somebody without an ID", () => {
    expect(isAdmitted({ users: [""] }, { users: "" })).toBe(false);
    expect(isAdmitted({ users: ["u"] }, { users: null })).toBe(false);
    expect(isAdmitted({ users: ["u"] }, {})).toBe(false);
  });
});

describe("a refusal", () => {
  const refused = async (text: string) => {
    const secret = {
      ...chatSecretOf(),
      slack: { signing_secrets: [CHAT_KEYS.slackSigningSecret], allow: { users: ["U1"] } },
    };
    const stage = chatStage({ say: () => rowsOf(ID, "alice"), chatSecret: () => secret });
    const { body } = await stage.ask(signedRequest("slack", { text: `/unbound ${text}` }, stage.wallNow()));
    return { body, stage };
  };

  it("has the same words whether or not the desktop is there, or can be", async () => {
    const bodies = [];
    for (const text of [ID, "WIN-GONE", "a/b", "help", ""]) bodies.push((await refused(text)).body);
    expect(new Set(bodies).size).toBe(1);
    expect(bodies[0]).toContain("not on the list of those who may ask");
  });

  it("asks nobody, and is in the audit with the sender's IDs", async () => {
    const { stage } = await refused(ID);
    expect(stage.heard).toEqual([]);
    expect(stage.log).toContainEqual(
      expect.objectContaining({
        message: "audit",
        caller: "slack:T0MADEUP/C0MADEUP/U0MADEUP",
        outcome: "error",
        code: "FORBIDDEN",
      }),
    );
    expect(stage.log).toContainEqual(
      expect.objectContaining({ message: "request", status: 200, code: "FORBIDDEN" }),
    );
  });
});

describe("an access policy", () => {
  const ask = async (policy: object[], text = ID) => {
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      env: { ACCESS_POLICY: JSON.stringify(policy) },
    });
    const { body } = await stage.ask(signedRequest("slack", { text: `/unbound ${text}` }, stage.wallNow()));
    return body;
  };

  it("that does not speak of chat lets nobody in from there", async () => {
    expect(await ask([{ iam: ["arn:aws:iam::000000000000:role/app"] }])).toContain("not on the list");
    expect(await ask([{ invoke: true }])).toContain("not on the list");
  });

  it("says which profiles chat may ask, and whether it sees users", async () => {
    expect(await ask([{ chat: true }])).toContain("alice");
    expect(await ask([{ chat: true }], `${ID} profile=lab`)).toContain("not on the list");
    expect(await ask([{ chat: true, profiles: ["*"] }], `${ID} profile=lab`)).toContain("alice");
    const hidden = await ask([{ chat: true, hide_users: true }]);
    expect(hidden).not.toContain("alice");
    expect(hidden).toContain("somebody");
  });
});

describe("keys", () => {
  it("may be several at once, so that one can be rotated", async () => {
    const secret = chatSecretOf() as Record<string, Record<string, unknown>>;
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      chatSecret: () => ({
        ...secret,
        slack: { signing_secrets: ["the-new-one", CHAT_KEYS.slackSigningSecret], allow: "all" },
      }),
    });
    const { body } = await stage.ask(signedRequest("slack", { text: ID }, stage.wallNow()));
    expect(body).toContain("alice");
  });

  it.each(Object.keys(chatSecretOf()) as ChatPlatform[])(
    "that are empty refuse everything on %s",
    async (platform) => {
      const emptied = JSON.parse(JSON.stringify(chatSecretOf()[platform]), (key, value) =>
        typeof value === "string" && key !== "allow" ? "" : value,
      );
      const stage = chatStage({ chatSecret: () => ({ [platform]: { ...emptied, allow: "all" } }) });
      const { statusCode, body } = await stage.ask(signedRequest(platform, { text: ID }, stage.wallNow()));
      expect([statusCode, body]).toEqual([401, ""]);
    },
  );

  it("of a faulty section are named to those who come for it, never by value; the others work", async () => {
    const secret = { ...chatSecretOf(), slack: { signing_secrets: "secret-text", allow: { team: ["x"] } } };
    const stage = chatStage({ say: () => rowsOf(ID, "alice"), chatSecret: () => secret });
    const slack = await stage.ask(signedRequest("slack", { text: ID }, stage.wallNow()));
    expect(slack.statusCode).toBe(500);
    expect(JSON.parse(slack.body)).toMatchObject({
      code: "SECRET_INVALID",
      detail:
        'The chat secret is not valid: slack.signing_secrets must be a list of texts; slack.allow must be "all" or an object of lists: teams, channels, users.',
    });
    expect(JSON.stringify(stage.log)).not.toContain("secret-text");
    const teams = await stage.ask(signedRequest("teams", { text: ID }, stage.wallNow()));
    expect(teams.statusCode).toBe(200);
  });

  it.each([
    ["not JSON", "it is not JSON"],
    ["[]", "it is no JSON object"],
  ])("that are %s are told as such", async (text, fault) => {
    const stage = chatStage({ world: { fetchSecret: async () => text } });
    const { statusCode, body } = await stage.ask(signedRequest("slack", { text: ID }, stage.wallNow()));
    expect(statusCode).toBe(500);
    expect(JSON.parse(body).detail).toBe(`The chat secret is not valid: ${fault}.`);
  });
});

describe("a platform", () => {
  it("without a section in the chat secret is not there", async () => {
    const stage = chatStage({ chatSecret: () => ({}) });
    const { statusCode, body } = await stage.ask(signedRequest("slack", { text: ID }, stage.wallNow()));
    expect(statusCode).toBe(404);
    expect(JSON.parse(body).code).toBe("NOT_FOUND");
  });

  it.each([
    ["POST", "/chat/irc", 404],
    ["GET", "/chat/slack", 405],
    ["POST", "/chat", 404],
    ["POST", "/v1/unbindings/query", 404],
  ])("%s %s answers %s", async (method, path, status) => {
    const stage = chatStage();
    const request = {
      ...signedRequest("slack", { text: ID }, stage.wallNow()),
      method: method as "GET",
      path,
    };
    expect((await stage.ask(request)).statusCode).toBe(status);
  });

  it("is not heard out beyond 64 kB, signed or not, and no secret is read for it", async () => {
    const stage = chatStage();
    const request = signedRequest("slack", { text: "x".repeat(70_000) }, stage.wallNow());
    expect((await stage.ask(request)).statusCode).toBe(413);
    expect(stage.fetches()).toBe(0);
  });
});

describe("Feishu", () => {
  const challenge = { challenge: "c-1", token: CHAT_KEYS.feishuVerificationToken, type: "url_verification" };

  it("is answered its challenge with the right token alone, signed or not", async () => {
    const stage = chatStage();
    const request = feishuRequest(challenge, stage.wallNow());
    const unsigned = { ...request, headers: { "content-type": "application/json" } };
    for (const each of [request, unsigned]) {
      const { statusCode, body } = await stage.ask(each);
      expect([statusCode, JSON.parse(body)]).toEqual([200, { challenge: "c-1" }]);
    }
    const wrong = await stage.ask(feishuRequest({ ...challenge, token: "wrong" }, stage.wallNow()));
    expect([wrong.statusCode, wrong.body]).toEqual([401, ""]);
    const plain = await stage.ask({ ...unsigned, body: JSON.stringify(challenge) });
    expect(plain.statusCode).toBe(401);
  });

  it("is answered a challenge in plain text while it has no Encrypt Key, and nothing else", async () => {
    const section = { ...(chatSecretOf()["feishu"] as object), encrypt_keys: [] };
    const stage = chatStage({ chatSecret: () => ({ feishu: section }) });
    const plain = (body: object) => ({
      method: "POST" as const,
      path: "/chat/feishu",
      query: "",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    expect((await stage.ask(plain(challenge))).statusCode).toBe(200);
    expect((await stage.ask(plain({ schema: "2.0", header: {}, event: {} }))).statusCode).toBe(401);
  });

  it("with a signed event but another token is refused", async () => {
    const stage = chatStage();
    const event = {
      schema: "2.0",
      header: { token: "wrong", event_type: "im.message.receive_v1" },
      event: {},
    };
    expect((await stage.ask(feishuRequest(event, stage.wallNow()))).statusCode).toBe(401);
  });

  it("is not answered what is no text, or comes from an app", async () => {
    const stage = chatStage();
    const event = (message: object, sender: object = {}) => ({
      schema: "2.0",
      header: { token: CHAT_KEYS.feishuVerificationToken, event_type: "im.message.receive_v1" },
      event: { sender, message: { message_id: "om_1", message_type: "text", content: "{}", ...message } },
    });
    for (const each of [
      event({ message_type: "image" }),
      event({}, { sender_type: "app" }),
      event({ message_id: "" }),
    ]) {
      const { statusCode, body } = await stage.ask(feishuRequest(each, stage.wallNow()));
      expect([statusCode, body]).toEqual([200, ""]);
    }
    expect(stage.posted).toEqual([]);
  });
});

describe("Slack", () => {
  it("looks whether the certificate is good, with no other effect", async () => {
    const stage = chatStage();
    const body = "ssl_check=1&token=gIkuvaNzQIHg97ATvDxqgjtO";
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    const answer = await stage.ask({ method: "POST", path: "/chat/slack", query: "", headers, body });
    expect([answer.statusCode, answer.body]).toEqual([200, ""]);
    expect(stage.heard).toEqual([]);
  });
});

describe("a body in base64 that is no ASCII", () => {
  it.each(Object.keys(chatSecretOf()) as ChatPlatform[])(
    "is verified as the bytes that were signed on %s",
    async (platform) => {
      const stage = chatStage({ say: () => ({ body: { total_count: 0, desktops: [] } }) });
      for (const isBase64Encoded of [true, false]) {
        for (const shape of ["v2", "v1", "alb"] as const) {
          const request = signedRequest(platform, { text: "/unbound 设计部-01" }, stage.wallNow());
          const { statusCode, body } = await stage.ask(request, { shape, isBase64Encoded });
          expect(statusCode, body).toBe(platform === "webhook" ? 404 : 200);
        }
      }
    },
  );
});
