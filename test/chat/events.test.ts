import { createHmac } from "node:crypto";
import { describe, expect, it } from "vitest";
import { CHAT_KEYS, type ChatRequest, signedRequest, wecomUrlCheck } from "../../sandbox/chat/requests.ts";
import { encryptWecom, signWecom, type WecomKeys } from "../../src/chat/platforms/wecom-crypto.ts";
import { readFlatXml } from "../../src/chat/xml.ts";
import { chatStage } from "../support/chat.ts";
import { rowsOf } from "../support/world.ts";

/** What platforms send beside messages, and messages that lack what they may lack. */

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";

function slack(body: string, type: string, now: number): ChatRequest {
  const seconds = String(Math.floor(now / 1000));
  const signature = createHmac("sha256", CHAT_KEYS.slackSigningSecret)
    .update(`v0:${seconds}:${body}`)
    .digest("hex");
  const headers = {
    "content-type": type,
    "x-slack-request-timestamp": seconds,
    "x-slack-signature": `v0=${signature}`,
  };
  return { method: "POST", path: "/chat/slack", query: "", headers, body };
}

describe("Slack", () => {
  it("is answered the challenge of its events' URL, once that is signed", async () => {
    const stage = chatStage();
    const body = JSON.stringify({ type: "url_verification", challenge: "c-1" });
    const request = slack(body, "application/json; charset=utf-8", stage.wallNow());
    const { statusCode, headers, body: answer } = await stage.ask(request);
    expect([statusCode, answer]).toEqual([200, "c-1"]);
    expect(headers?.["content-type"]).toContain("text/plain");
    expect((await stage.ask({ ...request, body: body.replace("c-1", "c-2") })).statusCode).toBe(401);
  });

  it("is heard out about other events, and not answered", async () => {
    const stage = chatStage();
    const { statusCode, body } = await stage.ask(
      slack('{"type":"event_callback"}', "application/json", stage.wallNow()),
    );
    expect([statusCode, body]).toEqual([200, ""]);
  });

  it("is told that it is not understood when what it signed is no JSON", async () => {
    const stage = chatStage();
    expect((await stage.ask(slack("{", "application/json", stage.wallNow()))).statusCode).toBe(400);
  });

  it("is answered a command that has neither text nor anywhere to answer later", async () => {
    const stage = chatStage();
    const type = "application/x-www-form-urlencoded; charset=utf-8";
    const { body } = await stage.ask(slack("command=%2Funbound&team_id=T1", type, stage.wallNow()));
    expect(body).toContain("Which desktop?");
  });
});

describe("Teams", () => {
  function teams(activity: object): ChatRequest {
    const body = JSON.stringify(activity);
    const signature = createHmac("sha256", Buffer.from(CHAT_KEYS.teamsToken, "base64"))
      .update(body)
      .digest("base64");
    return {
      method: "POST",
      path: "/chat/teams",
      query: "",
      headers: { authorization: `HMAC ${signature}` },
      body,
    };
  }

  it("is answered a message in HTML, from a client that tells neither language nor zone", async () => {
    const stage = chatStage({ say: () => rowsOf(ID, "alice") });
    const timestamp = new Date(stage.wallNow()).toISOString();
    const text = `<div><at>unbound</at>&nbsp;<span>${ID}</span><br></div>`;
    const { body } = await stage.ask(teams({ type: "message", timestamp, text }));
    expect(body).toContain("alice");
  });

  it("is refused without a time, or with one that is none", async () => {
    const stage = chatStage();
    for (const timestamp of [undefined, 5, "yesterday"]) {
      expect((await stage.ask(teams({ type: "message", timestamp, text: ID }))).statusCode).toBe(401);
    }
  });

  it("is not answered what is no message", async () => {
    const stage = chatStage();
    const timestamp = new Date(stage.wallNow()).toISOString();
    const { statusCode, body } = await stage.ask(teams({ type: "conversationUpdate", timestamp }));
    expect([statusCode, body]).toEqual([200, ""]);
  });
});

describe("WeCom", () => {
  const KEYS: WecomKeys = {
    token: "",
    encodingAesKey: CHAT_KEYS.wecomAesKey,
    receiveId: CHAT_KEYS.wecomReceiveId,
  };

  function wecom(xml: string, keys = KEYS): ChatRequest {
    const encrypted = encryptWecom(xml, keys, Buffer.alloc(16, 7));
    const query = {
      msg_signature: signWecom(CHAT_KEYS.wecomToken, "1", "2", encrypted),
      timestamp: "1",
      nonce: "2",
    };
    return {
      method: "POST",
      path: "/chat/wecom",
      query: new URLSearchParams(query).toString(),
      headers: { "content-type": "text/xml" },
      body: `<xml><Encrypt>${encrypted}</Encrypt></xml>`,
    };
  }

  const message = (inner: string) => `<xml><FromUserName><![CDATA[u]]></FromUserName>${inner}</xml>`;

  it("is not answered an event, or a message from nobody", async () => {
    const stage = chatStage();
    for (const xml of [
      message("<MsgType><![CDATA[event]]></MsgType>"),
      "<xml><MsgType><![CDATA[text]]></MsgType></xml>",
      "no xml",
    ]) {
      const { statusCode, body } = await stage.ask(wecom(xml));
      expect([statusCode, body]).toEqual([200, ""]);
    }
  });

  it("is refused when the message is for another company, or nothing is encrypted", async () => {
    const stage = chatStage();
    const other = wecom(message(""), { ...KEYS, receiveId: "another-corp" });
    expect((await stage.ask(other)).statusCode).toBe(401);
    expect((await stage.ask({ ...wecom(message("")), body: "<xml></xml>" })).statusCode).toBe(401);
    expect((await stage.ask({ ...wecom(message("")), body: "" })).statusCode).toBe(401);
  });

  it("takes what a user wrote for text, though it looks like another element", async () => {
    const stage = chatStage({
      say: () => rowsOf(ID, "alice"),
      chatSecret: () => ({
        wecom: {
          token: CHAT_KEYS.wecomToken,
          encoding_aes_key: CHAT_KEYS.wecomAesKey,
          receive_id: CHAT_KEYS.wecomReceiveId,
          allow: { users: ["admin"] },
        },
      }),
    });
    const forged = `<xml><Content><![CDATA[<FromUserName>admin</FromUserName>${ID}]]></Content><FromUserName><![CDATA[u]]></FromUserName><MsgType>text</MsgType></xml>`;
    await stage.ask(wecom(forged));
    expect(stage.heard).toEqual([]);
    expect(stage.log).toContainEqual(expect.objectContaining({ caller: "wecom:u", code: "FORBIDDEN" }));
  });

  it("is answered from whom it wrote to, by the company when it does not say", async () => {
    const stage = chatStage({ say: () => rowsOf(ID, "alice") });
    const { body } = await stage.ask(wecom(message(`<MsgType>text</MsgType><Content>${ID}</Content>`)));
    expect(readFlatXml(body)?.["Encrypt"]).toBeTruthy();
  });

  it("asks whether the URL is ours with a plus sign that the way here has made a blank of", async () => {
    const stage = chatStage();
    const check = wecomUrlCheck("16163", stage.wallNow());
    const query = check.query.replaceAll("%2B", "+");
    expect((await stage.ask({ ...check, query })).body).toBe("16163");
  });
});

describe("DingTalk", () => {
  it("is not answered what is no text, and is answered at once when its session is over", async () => {
    const stage = chatStage({ say: () => rowsOf(ID, "alice") });
    const request = signedRequest(
      "dingtalk",
      { text: `/unbound ${ID}`, replyUrl: "https://oapi.dingtalk.com/x" },
      stage.wallNow(),
    );
    const picture = { ...request, body: request.body.replace('"msgtype":"text"', '"msgtype":"picture"') };
    expect((await stage.ask(picture)).body).toBe("");
    const expired = {
      ...request,
      body: request.body.replace(/"sessionWebhookExpiredTime":\d+/, '"sessionWebhookExpiredTime":1'),
    };
    expect((await stage.ask(expired)).body).toContain("alice");
  });
});
