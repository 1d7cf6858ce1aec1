import { describe, expect, it } from "vitest";
import { readDingtalk } from "../../sandbox/chat/readers/dingtalk.ts";
import { readFeishu } from "../../sandbox/chat/readers/feishu.ts";
import { readSlack } from "../../sandbox/chat/readers/slack.ts";
import { readTeams } from "../../sandbox/chat/readers/teams.ts";
import { readWebhook } from "../../sandbox/chat/readers/webhook.ts";
import { readWecom } from "../../sandbox/chat/readers/wecom.ts";
import { CHAT_KEYS } from "../../sandbox/chat/requests.ts";
import { print, type Reader } from "../../sandbox/chat/shown.ts";
import { encryptWecom, signatureOfWecom } from "../../sandbox/chat/wecom-crypto.ts";

function linesOf(read: Reader, body: unknown, timeZone = "UTC"): string[] | undefined {
  return read(typeof body === "string" ? body : JSON.stringify(body), timeZone)?.groups.flat();
}

describe("a reply, as the platform shows it", () => {
  it("is nothing where nothing was said", () => {
    for (const read of [readSlack, readTeams, readFeishu, readDingtalk, readWecom, readWebhook]) {
      expect(read("", "UTC")).toBeNull();
    }
    expect(readFeishu("{}", "UTC")).toBeNull();
  });

  it("has times in the reader's own zone where the platform puts them there", () => {
    const zone = "Asia/Shanghai";
    const at = Date.parse("2026-02-10T08:15:30Z");
    const elements = [
      { type: "rich_text_section", elements: [{ type: "date", timestamp: at / 1000, fallback: "no" }] },
    ];
    expect(linesOf(readSlack, { blocks: [{ type: "rich_text", elements }] }, zone)).toEqual([
      "2026-02-10 16:15:30 +08:00",
    ]);
    const text = "{{DATE(2026-02-10T08:15:30Z, SHORT)}} {{TIME(2026-02-10T08:15:30Z)}}";
    const body = [{ type: "TextBlock", text }];
    expect(linesOf(readTeams, { attachments: [{ content: { body } }] }, zone)).toContain(
      "2026-02-10 16:15:30 +08:00",
    );
    const tag = (format: string) =>
      `<local_datetime millisecond='${at}' format_type='${format}'></local_datetime>`;
    const card = {
      header: { title: { content: "Title" } },
      body: { elements: [{ tag: "markdown", content: `${tag("date_num")} ${tag("time_sec")}` }] },
    };
    expect(linesOf(readFeishu, { content: JSON.stringify(card) }, zone)).toEqual([
      "Title",
      "2026-02-10 16:15:30 +08:00",
    ]);
  });

  it("shows marks that are escaped, and takes away those that act", () => {
    const text = "#### Who\n\n- **a\\*\\*b** &lt;c&gt;\n\n> \\# end";
    expect(linesOf(readDingtalk, { msgtype: "markdown", markdown: { text } })).toEqual([
      "Who",
      "• a**b <c>",
      "# end",
    ]);
    const card = {
      header: { title: { content: "**Title**" } },
      body: { elements: [{ tag: "markdown", content: "- **a&#42;&#42;b** &#60;at id=all&#62; &sim;" }] },
    };
    expect(linesOf(readFeishu, { content: JSON.stringify(card) })).toEqual([
      "**Title**",
      "• a**b <at id=all> ~",
    ]);
  });

  it("is refused when something in it would act on people", () => {
    const mention = { type: "rich_text_section", elements: [{ type: "broadcast", range: "channel" }] };
    const body = JSON.stringify({ blocks: [{ type: "rich_text", elements: [mention] }] });
    expect(() => readSlack(body, "UTC")).toThrow("broadcast is none that we send");
    const image = JSON.stringify({ attachments: [{ content: { body: [{ type: "Image" }] } }] });
    expect(() => readTeams(image, "UTC")).toThrow("Image is none that we send");
  });

  it("is refused by WeCom unless it is signed, and for us", () => {
    const sealed = (receiver: string, token: string) => {
      const encrypted = encryptWecom(
        "<xml><Content><![CDATA[hello]]></Content></xml>",
        CHAT_KEYS.wecomAesKey,
        receiver,
      );
      const signature = signatureOfWecom(token, "1", "2", encrypted);
      return `<xml><Encrypt><![CDATA[${encrypted}]]></Encrypt><MsgSignature><![CDATA[${signature}]]></MsgSignature><TimeStamp>1</TimeStamp><Nonce><![CDATA[2]]></Nonce></xml>`;
    };
    expect(linesOf(readWecom, sealed(CHAT_KEYS.wecomReceiveId, CHAT_KEYS.wecomToken))).toEqual(["hello"]);
    expect(() => readWecom(sealed(CHAT_KEYS.wecomReceiveId, "other"), "UTC")).toThrow(
      "its signature does not fit",
    );
    expect(() => readWecom(sealed("other", CHAT_KEYS.wecomToken), "UTC")).toThrow("it is for somebody else");
    expect(() => readWecom("<xml></xml>", "UTC")).toThrow("it has no Encrypt");
  });

  it("can do nothing to a terminal", () => {
    const rows = [
      { user_name: "a\u001b[2Jb\u202Ec\nd", user_group: null, unbound_at: null, detach_time: null },
    ];
    const result = {
      desktop_id: "x",
      desktop_name: null,
      profile: "p",
      count: 1,
      total: 1,
      unbindings: rows,
    };
    const shown = readWebhook(JSON.stringify({ ...result, request_id: "r" }), "UTC");
    expect(shown && print(shown)).toBe("  x\n  1 of 1, profile p\n  • a[2Jbc d  no time\n\n  request_id r");
  });
});
