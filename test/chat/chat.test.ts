import { describe, expect, it } from "vitest";
import { CHAT_PLATFORMS, signedRequest, wecomUrlCheck } from "../../sandbox/chat/requests.ts";
import { type ChatPlay, chatStage } from "../support/chat.ts";
import { rowsOf } from "../support/world.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";

/** One desktop, WIN-ALICE, from which two were unbound. */
const ONE_DESKTOP: ChatPlay = {
  say: ({ desktopId }) =>
    desktopId === null
      ? { body: { total_count: 1, desktops: [{ desktop_id: ID, computer_name: "WIN-ALICE" }] } }
      : rowsOf(ID, "alice", "bob"),
};

describe.each(CHAT_PLATFORMS)("a person on %s", (platform) => {
  it("asks by a desktop's name and hears who was unbound, once", async () => {
    const stage = chatStage(ONE_DESKTOP);
    const request = signedRequest(platform, { text: "/unbound WIN-ALICE" }, stage.wallNow());
    const { statusCode } = await stage.ask(request);
    expect(statusCode).toBe(200);
    expect(stage.heard).toHaveLength(2);
    const again = await stage.ask(request);
    expect([again.statusCode, again.body]).toEqual([200, ""]);
    expect(stage.heard).toHaveLength(2);
  });

  it("is refused with an empty body when the signature does not fit", async () => {
    const stage = chatStage(ONE_DESKTOP);
    const request = signedRequest(platform, { text: "/unbound WIN-ALICE" }, stage.wallNow());
    const headers = Object.fromEntries(
      Object.entries(request.headers).map(([name, value]) => [
        name,
        /sign|authorization/.test(name) ? value.replace(/.$/, (last) => (last === "A" ? "B" : "A")) : value,
      ]),
    );
    const query = request.query.replace(/msg_signature=./, "msg_signature=x");
    const { statusCode, body } = await stage.ask({ ...request, headers, query });
    expect([statusCode, body]).toEqual([401, ""]);
    expect(stage.heard).toEqual([]);
  });
});

describe("WeCom's question whether the URL is ours", () => {
  it("is answered with what it encrypted, and nothing else", async () => {
    const stage = chatStage();
    const { statusCode, body } = await stage.ask(wecomUrlCheck("1616140317555161061", stage.wallNow()));
    expect([statusCode, body]).toEqual([200, "1616140317555161061"]);
  });
});
