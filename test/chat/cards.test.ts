import { describe, expect, it } from "vitest";
import type { Card } from "../../src/chat/card.ts";
import { createConversation } from "../../src/chat/converse.ts";
import { LANGUAGES, type Language } from "../../src/chat/language.ts";
import { CARD_ROWS } from "../../src/chat/platform.ts";
import { PLATFORMS } from "../../src/chat/platforms.ts";
import type { Result } from "../../src/contract/answers.ts";
import { ERROR_CODES, type ErrorCode, LookupError } from "../../src/contract/errors.ts";
import type { Query } from "../../src/contract/query.ts";
import { toUnbindings } from "../../src/contract/unbinding.ts";
import { aCall } from "../support/call.ts";
import { rowOf } from "../support/world.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";
const NOW = Date.parse("2026-03-01T09:00:00Z");

interface Asked {
  rows?: readonly object[];
  error?: LookupError;
  timeZone?: string;
  language?: Language;
  hasLocalTimes?: boolean;
  offersPublic?: boolean;
}

/** What somebody sees who typed that. */
async function cardFor(text: string, asked: Asked = {}): Promise<Card> {
  const { rows = [], error, timeZone = "UTC", language = "en" } = asked;
  const { hasLocalTimes = false, offersPublic = true } = asked;
  const converse = createConversation({
    lookup: async (query) => {
      if (error) throw error;
      return resultOf(query, rows);
    },
    wallNow: () => NOW,
  });
  const presentation = {
    language,
    timeZone,
    hasLocalTimes,
    offersPublic,
    prefix: "/unbound",
    requestId: "request-0001",
  };
  return (
    await converse({
      text,
      caller: { kind: "chat", platform: "test", sender: "U1" },
      presentation,
      rows: CARD_ROWS,
      call: aCall(),
    })
  ).card;
}

function resultOf({ desktop, filters }: Query, rows: readonly object[]): Result {
  const all = toUnbindings(rows).map(({ row }) => row);
  const unbindings = all.slice(0, filters.limit);
  return {
    desktop_id: "id" in desktop ? desktop.id : ID,
    desktop_name: "name" in desktop ? desktop.name : null,
    profile: "prod",
    count: unbindings.length,
    total: all.length,
    truncated: unbindings.length < all.length,
    last_unbound_at: null,
    last_user_id: null,
    last_user_name: null,
    last_user_group: null,
    last_type: null,
    unbindings,
    age_seconds: 0,
    request_id: "request-0001",
    upstream_request_id: null,
  };
}

/** The card as a person would read it aloud. */
function read({ title, sections, notes }: Card): string {
  const body = sections.flatMap(({ name, id, lines, rows, lead, commands }) => [
    ...(name === null ? [] : [[name, id].filter(Boolean).join(" ")]),
    ...lines,
    ...rows.map(({ user, about, time }) => `- ${user} (${about}) ${time}`),
    ...(lead === null ? [] : [lead]),
    ...commands.map((command) => `> ${command}`),
  ]);
  return [title, ...body, ...notes].join("\n");
}

const many = (count: number) =>
  Array.from({ length: count }, (_, at) =>
    rowOf(ID, `user-${at}`, `2026-01-${String(28 - (at % 28)).padStart(2, "0")}T12:00:00Z`),
  );

describe("a card in English", () => {
  it("tells who was unbound, and when, newest first", async () => {
    const rows = [
      rowOf(ID, "bob", "2025-11-03T16:40:00.000Z"),
      rowOf(ID, "alice"),
      { ...rowOf(ID, "Design team", "2026-01-01 10:00:00"), type: "GROUP" },
      { ...rowOf(ID, "carla"), detach_time: null },
    ];
    expect(read(await cardFor("WIN-ALICE", { rows }))).toBe(`Who was unbound
WIN-ALICE ${ID}
4 unbindings, newest first
- alice (users) 2026-02-10 08:15:30 UTC
- bob (users) 2025-11-03 16:40:00 UTC
- Design team (group, users) 2026-01-01 10:00:00 (no zone)
- carla (users) no time recorded
Project: prod.
Times: UTC.
Request ID: request-0001`);
  });

  it("has ten rows of many, tells how many there are, and how to see more", async () => {
    const [section] = (await cardFor("WIN-POOL since=90d", { rows: many(27) })).sections;
    expect(section?.rows).toHaveLength(10);
    expect(section?.lines).toEqual(["10 of 27, newest first (since=90d)"]);
    expect(section?.lead).toBe("For more:");
    expect(section?.commands).toEqual([`/unbound ${ID} since=90d limit=50`]);
  });

  it("has as many rows as were asked for, up to fifty", async () => {
    expect((await cardFor("WIN-POOL limit=20", { rows: many(27) })).sections[0]?.rows).toHaveLength(20);
    const full = await cardFor("WIN-POOL limit=1000", { rows: many(80) });
    expect(full.sections[0]?.rows).toHaveLength(50);
    expect(full.sections[0]?.lines).toEqual([
      "50 of 80, newest first",
      "For others, narrow the time with since= and until=.",
    ]);
    expect(full.sections[0]?.commands).toEqual([]);
  });

  it("shares the fifty among several desktops, and counts those that were found", async () => {
    const card = await cardFor("WIN-A WIN-B WIN-C limit=50", { rows: many(40) });
    expect(card.title).toBe("3 of 3 found");
    expect(card.sections.map(({ name, rows }) => [name, rows.length])).toEqual([
      ["WIN-A", 16],
      ["WIN-B", 16],
      ["WIN-C", 16],
    ]);
  });

  it("is a good answer when there was nobody", async () => {
    expect(read(await cardFor(`${ID} since=30d`))).toBe(`Nobody was unbound
${ID} ${ID}
Nobody was unbound from ${ID} (since=30d), according to Huawei Cloud.
Project: prod.
Times: UTC.
Request ID: request-0001`);
  });

  it("asks which desktop", async () => {
    expect(read(await cardFor(""))).toBe(`Which desktop?
Give the name or the ID of a desktop.
/unbound <desktop name or ID> [more …] [since=30d] [limit=20] [public]
> /unbound WIN-ALICE
Request ID: request-0001`);
  });

  it("helps without asking anybody", async () => {
    const error = new LookupError("INTERNAL");
    const text = read(await cardFor("help", { error }));
    expect(text).toMatch(/^Who was unbound from a desktop, and when\n/);
    expect(text.match(/^> \/unbound /gm)).toHaveLength(3);
    expect(text).toMatch(/workspace-unbindings \d/);
  });

  it("quotes what it does not understand", async () => {
    expect(read(await cardFor("a/b sinse=30d since=1d since=2d"))).toBe(`This command could not be understood
“a/b” is neither the ID nor the name of a desktop.
“sinse=30d” is not an option. Did you mean “since=”?
“since” is given more than once.
> /unbound help
Request ID: request-0001`);
    expect(read(await cardFor("WIN-A limit=0 since=yesterday"))).toContain(
      "limit must be a whole number from 1 to 1000.\nsince must be RFC 3339",
    );
    expect(read(await cardFor("A B C D E F"))).toContain("6 desktops are too many for one card: at most 5.");
  });

  it("says that a desktop is not there, and in which project", async () => {
    const error = new LookupError("DESKTOP_NOT_FOUND");
    expect(read(await cardFor("WIN-GONE profile=lab", { error }))).toBe(`No such desktop
WIN-GONE
No desktop WIN-GONE in lab.
Request ID: request-0001`);
  });

  it("offers the desktops that bear a name", async () => {
    const candidates = [
      { desktop_id: ID, desktop_name: "LINUX" },
      { desktop_id: ID.replace("4", "5"), desktop_name: "linux" },
    ];
    const error = new LookupError("AMBIGUOUS_NAME", { candidates });
    expect(read(await cardFor("linux since=30d limit=5", { error }))).toBe(`Which of them?
linux
2 desktops are called linux. Ask again with one of these:
> /unbound ${ID} since=30d limit=5
> /unbound ${ID.replace("4", "5")} since=30d limit=5
Request ID: request-0001`);
  });

  it("says so when more desktops bear a name than it offers", async () => {
    const candidates = Array.from({ length: 12 }, (_, at) => ({
      desktop_id: ID.replace(/..$/, String(10 + at)),
      desktop_name: "LINUX",
    }));
    const card = await cardFor("linux", { error: new LookupError("AMBIGUOUS_NAME", { candidates }) });
    expect(card.sections[0]?.lines).toEqual([
      "12 desktops are called linux. Ask again with one of them; the first 10 are:",
    ]);
    expect(card.sections[0]?.commands).toHaveLength(10);
  });

  it("has the commands of each desktop below its own rows", async () => {
    const text = read(await cardFor("WIN-A WIN-B limit=5", { rows: many(9) }));
    expect(
      text
        .match(/^(?:WIN-\w|- |For more:|> )/gm)
        ?.join("")
        .replaceAll("- ", "-"),
    ).toBe("WIN-A-----For more:> WIN-B-----For more:> ");
  });

  it("tells whom a missing permission is a matter of, and that names need one of their own", async () => {
    const error = new LookupError("PERMISSION_DENIED", { permission: "workspace:desktops:list" });
    expect(read(await cardFor("WIN-ALICE", { error }))).toBe(`No answer this time
WIN-ALICE
The service account cannot read Workspace (PERMISSION_DENIED). Admins: see the runbook.
To find a desktop by its name, the service account needs workspace:desktops:list. Asking by ID works without it.
Request ID: request-0001`);
    const other = new LookupError("PERMISSION_DENIED", { permission: "workspace:desktops:listDetachInfo" });
    expect(read(await cardFor("WIN-ALICE", { error: other }))).not.toContain("workspace:desktops:list.");
  });

  it("tells how long to wait", async () => {
    const waiting = async (retryAfterSeconds?: number) =>
      read(await cardFor("X", { error: new LookupError("UPSTREAM_THROTTLED", { retryAfterSeconds }) }));
    expect(await waiting(1)).toContain("Nothing is wrong with your command; try again in 1 second.");
    expect(await waiting(30)).toContain("try again in 30 seconds.");
    expect(await waiting(300)).toContain("try again in 5 minutes.");
    expect(await waiting()).toContain("try again in a moment.");
  });

  it("shows times in the configured zone with its offset, or leaves them to the reader's platform", async () => {
    const rows = [rowOf(ID, "alice")];
    expect(read(await cardFor("X", { rows, timeZone: "Asia/Shanghai" }))).toContain(
      "2026-02-10 16:15:30 +08:00\nProject: prod.\nTimes: Asia/Shanghai.",
    );
    expect(read(await cardFor("X", { rows, timeZone: "America/St_Johns" }))).toContain("04:45:30 -03:30");
    const local = await cardFor("X", { rows, hasLocalTimes: true });
    expect(local.notes).toContain("Times are in your own time zone.");
    expect(local.sections[0]?.rows[0]?.at).toBe(Date.parse("2026-02-10T08:15:30Z"));
  });

  it("is for the asker alone unless it is told to be public", async () => {
    expect((await cardFor("WIN-A")).isPublic).toBe(false);
    expect((await cardFor("WIN-A public")).isPublic).toBe(true);
    expect((await cardFor("a/b public")).isPublic).toBe(false);
  });

  it("shows somebody whose name is hidden or missing as somebody, and what cannot be seen not at all", async () => {
    const rows = [
      { ...rowOf(ID, "x"), user_name: null, user_id: null },
      rowOf(ID, "\u202eecila\u0000\n!", "2026-01-01T00:00:00Z"),
      rowOf(ID, "a".repeat(1000), "2025-01-01T00:00:00Z"),
    ];
    const users = (await cardFor("X", { rows })).sections[0]?.rows.map(({ user }) => user);
    expect(users).toEqual(["somebody", "ecila !", `${"a".repeat(63)}…`]);
  });
});

describe("the word public", () => {
  const TYPED = ["", "help", "WIN-A publc", "WIN-A colour=red", "WIN-A colour=red publc", "a/b"];

  it.each(LANGUAGES.flatMap((language) => TYPED.map((text) => [language, text] as const)))(
    "is not offered in %s where it means nothing, to %j",
    async (language, text) => {
      const card = await cardFor(text, { language, offersPublic: false });
      expect(JSON.stringify(card).replace("publc", "")).not.toMatch(/publi/);
    },
  );

  it.each(LANGUAGES)("is offered in %s where it means something", async (language) => {
    for (const text of ["", "help", "WIN-A colour=red"]) {
      expect(read(await cardFor(text, { language }))).toContain("public");
    }
    expect(read(await cardFor("WIN-A --publc", { language }))).toContain("“public”");
  });

  it("is offered in Slack alone", () => {
    const offering = PLATFORMS.filter(({ offersPublic }) => offersPublic).map(({ name }) => name);
    expect(offering).toEqual(["slack"]);
  });
});

describe("every card in either language", () => {
  const CODES = Object.keys(ERROR_CODES) as ErrorCode[];

  it.each(LANGUAGES.flatMap((language) => CODES.map((code) => [language, code] as const)))(
    "in %s explains %s, and gives the request ID",
    async (language, code) => {
      const error = new LookupError(code, {
        errors: [{ field: "desktop_name", message: "is a part of too many" }],
      });
      const card = await cardFor("WIN-A", { error, language });
      expect(card.sections[0]?.lines[0]).toBeTruthy();
      expect(card.notes.at(-1)).toContain("request-0001");
      expect(card.summary).not.toBe("");
      expect(read(card)).not.toMatch(/undefined|null|\[object/);
      const speaksChinese = /[\u4e00-\u9fff]/.test(card.title);
      expect(speaksChinese).toBe(language === "zh-CN");
    },
  );

  it("says in Chinese what it says in English", async () => {
    const rows = [rowOf(ID, "alice"), { ...rowOf(ID, "设计部", "2026-01-01 10:00:00"), type: "GROUP" }];
    expect(
      read(await cardFor("WIN-ALICE since=90d", { rows, language: "zh-CN", timeZone: "Asia/Shanghai" })),
    ).toBe(`解绑记录
WIN-ALICE ${ID}
共 2 条，最新在前（since=90d）
- alice (users) 2026-02-10 16:15:30 +08:00
- 设计部 (用户组, users) 2026-01-01 10:00:00（无时区）
项目：prod。
时区：Asia/Shanghai。
请求 ID：request-0001`);
    expect(read(await cardFor("help", { language: "zh-CN" }))).toContain("workspace-unbindings");
    expect(read(await cardFor("a/b", { language: "zh-CN" }))).toContain(
      "“a/b”既不是桌面 ID，也不是桌面名称。",
    );
  });

  it.each([
    "WIN-A since=yesterday until=x limit=0 type=x fresh=maybe",
    "WIN-A since=1d until=2d",
    'WIN-A user="" profile=""',
    `WIN-A user=${"x".repeat(300)}`,
    `WIN-A since=${"1".repeat(70)}`,
  ])("says in Chinese alone what is wrong with the values of %s", async (text) => {
    const [section] = (await cardFor(text, { language: "zh-CN" })).sections;
    expect(section?.lines.join("")).not.toMatch(/must|\bis\b/);
  });

  it("says in Chinese alone that a name is too common to search by", async () => {
    const errors = [{ field: "desktop_name", message: "is a part of too many desktops' names; ask by ID" }];
    const error = new LookupError("INVALID_REQUEST", { errors });
    const linesIn = async (language: Language) =>
      (await cardFor("WIN", { error, language })).sections[0]?.lines;
    expect(await linesIn("zh-CN")).toEqual(["名称与此部分相同的桌面太多，请用 ID 查询。"]);
    expect(await linesIn("en")).toEqual(["The name is a part of too many desktops' names; ask by ID."]);
  });

  it("explains in Chinese whatever can be mistaken, limited or missing", async () => {
    const chinese = async (text: string, asked: Asked = {}) =>
      read(await cardFor(text, { ...asked, language: "zh-CN" }));
    expect(await chinese("X sinse=1d")).toContain("您是想用“since=”吗？");
    expect(await chinese("X colour=red")).toContain("“colour=red”不是可用选项。可用：");
    expect(await chinese("X since=1d since=2d")).toContain("“since”给出了多次。");
    expect(await chinese("A B C D E F")).toContain("一次最多查询 5 台桌面，您给出了 6 台。");
    expect(await chinese("X limit=0")).toContain("limit 须为 1 到 1000 的整数。");
    expect(await chinese("")).toContain("请给出桌面的名称或 ID。");
    expect(await chinese("WIN-A")).toContain("没有用户与 WIN-A 解绑");
    expect(await chinese("A B")).toContain("2 台中找到 2 台");
    expect(await chinese("X", { rows: many(27) })).toContain("共 27 条，显示最新 10 条");
    expect(await chinese("X limit=50", { rows: many(80) })).toContain(
      "其余记录请用 since= 和 until= 缩小时间范围。",
    );
    expect(
      await chinese("X", {
        rows: [{ ...rowOf(ID, "x"), detach_time: null, user_name: null, user_id: null }],
      }),
    ).toMatch(/某用户.*没有记录时间/);
    const waiting = (retryAfterSeconds?: number) =>
      chinese("X", { error: new LookupError("UPSTREAM_THROTTLED", { retryAfterSeconds }) });
    expect(await waiting(30)).toContain("请在 30 秒后再试。");
    expect(await waiting(300)).toContain("请在 5 分钟后再试。");
    expect(await waiting()).toContain("请稍后再试。");
    const local = await cardFor("X", { rows: [rowOf(ID, "a")], language: "zh-CN", hasLocalTimes: true });
    expect(local.notes).toContain("时间为您所在时区的时间。");
  });
});
