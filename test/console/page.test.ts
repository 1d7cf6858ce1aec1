import { describe, expect, it, vi } from "vitest";
import { createAsk, type Tokens, urlOf } from "../../console/src/api.ts";
import { explain } from "../../console/src/explanations.ts";
import { canShow } from "../../console/src/glyphs.ts";
import { toTimeline } from "../../console/src/lanes.ts";
import { EMPTY_QUESTION, readLink, readRow, writeLink } from "../../console/src/link.ts";
import { visible } from "../../console/src/plain.ts";
import {
  type Preferences,
  readPreferences,
  remember,
  writePreferences,
} from "../../console/src/preferences.ts";
import { readProblem } from "../../console/src/problem.ts";
import { rowId } from "../../console/src/row-id.ts";
import { run } from "../../console/src/run.ts";
import { fileName, toTable } from "../../console/src/table.ts";
import { readTargets } from "../../console/src/targets.ts";
import { EN } from "../../console/src/texts/en.ts";
import { ZH } from "../../console/src/texts/zh-cn.ts";
import type { Unbinding } from "../../src/contract/answers.ts";
import { ERROR_CODES } from "../../src/contract/errors.ts";

const row = (changes: Partial<Unbinding> = {}): Unbinding => ({
  desktop_id: "d-1",
  desktop_name: "WIN-1",
  user_id: "u-1",
  user_name: "alice",
  user_group: "users",
  type: "USER",
  unbound_at: "2026-02-10T08:15:30.000Z",
  detach_time: "2026-02-10T08:15:30.000Z",
  ...changes,
});

describe("what people see of names", () => {
  it.each([
    ["\u202Eecila", "ecila"],
    ["a\u200Bli\u0000ce", "alice"],
    ["line\nbreak", "line break"],
    [" \u3164 ", "u-1"],
    [null, "u-1"],
  ])("%j reads %s", (name, shown) => {
    expect(visible(name, "u-1")).toBe(shown);
  });
});

describe("a link", () => {
  it("comes back as it was written", () => {
    const question = {
      desktops: "A B",
      since: "12h",
      until: "2026-01-01T00:00:00Z",
      user: "a&b",
      type: "USER",
      profile: "lab",
    };
    expect(readLink(writeLink(question, ["A", "B"]))).toEqual(question);
    expect(writeLink(EMPTY_QUESTION, [])).toBe("");
  });

  it("keeps a filter that it does not know, for the API to refuse", () => {
    expect(readLink("?desktop=A&since=yesterday&type=robot")).toMatchObject({
      since: "yesterday",
      type: "ROBOT",
    });
    expect(urlOf({ kind: "name", text: "A" }, readLink("?since=yesterday"))).toContain("since=yesterday");
  });

  it("names a row by 32 hexadecimal digits and nothing else", () => {
    expect(readRow(`#row-${"0a".repeat(16)}`)).toBe("0a".repeat(16));
    for (const hash of ["", "#row-", "#row-<script>", "#answer-0"]) expect(readRow(hash)).toBeNull();
  });
});

describe("a row's ID", () => {
  it("is the same for the same record, and another for another", async () => {
    const { createHash } = await import("node:crypto");
    const text = '["prod","d-1","u-1","USER","2026-02-10T08:15:30.000Z"]';
    expect(await rowId("prod", row())).toBe(createHash("sha256").update(text).digest("hex").slice(0, 32));
    expect(await rowId("lab", row())).not.toBe(await rowId("prod", row()));
  });
});

describe("what was typed", () => {
  it("is taken apart at spaces and commas of either script, each desktop once in any case", () => {
    expect(
      readTargets("win-a，WIN-B\nWIN-A;4BA8BEA4-1b8d-4f4b-9d68-2d2f6c9d0a55").map(
        ({ kind, text }) => `${kind} ${text}`,
      ),
    ).toEqual(["name win-a", "name WIN-B", "id 4BA8BEA4-1b8d-4f4b-9d68-2d2f6c9d0a55"]);
  });
});

describe("an error", () => {
  it("of every code that a look-up can end in is explained in both languages", () => {
    const unlikely = [
      "METHOD_NOT_ALLOWED",
      "NOT_ACCEPTABLE",
      "PAYLOAD_TOO_LARGE",
      "UNSUPPORTED_MEDIA_TYPE",
      "INTERNAL",
    ];
    for (const language of ["en", "zh"] as const) {
      const other = explain("no such code", language);
      for (const code of Object.keys(ERROR_CODES)) {
        const isOther = explain(code, language) === other;
        expect(isOther, code).toBe(unlikely.includes(code));
      }
      expect(explain("constructor", language)).toBe(other);
    }
  });

  it("of a gateway keeps its wait and its own ID", () => {
    const headers = new Headers({ "retry-after": "7", "apigw-requestid": "gateway-0001" });
    expect(readProblem(429, headers, { message: "Too Many Requests" })).toEqual({
      code: "TOO_MANY_REQUESTS",
      detail: "HTTP 429",
      retryable: true,
      retry_after_seconds: 7,
      request_id: "gateway-0001",
    });
    expect(readProblem(404, new Headers(), null)).toMatchObject({ code: "UNEXPECTED", retryable: false });
  });

  it("is taken from the API only as far as it is as the API writes it", () => {
    const body = {
      code: "AMBIGUOUS_NAME",
      detail: 7,
      retryable: "yes",
      retry_after_seconds: "1",
      request_id: {},
    };
    const odd = { errors: {}, candidates: [{ desktop_id: 1 }] };
    expect(readProblem(409, new Headers({ "x-request-id": "made-up" }), { ...body, ...odd })).toEqual({
      code: "AMBIGUOUS_NAME",
      detail: "",
      retryable: false,
      request_id: "made-up",
    });
    const errors = [{ field: "since", message: "is no moment" }];
    const candidates = [{ desktop_id: "d1", desktop_name: "LINUX-BUILD" }];
    const good = {
      code: "AMBIGUOUS_NAME",
      detail: "d",
      retryable: true,
      request_id: "r",
      retry_after_seconds: 3,
    };
    expect(readProblem(409, new Headers(), { ...good, errors, candidates })).toEqual({
      ...good,
      errors,
      candidates,
    });
  });
});

describe("tokens", () => {
  const target = { kind: "name", text: "A" } as const;
  const signal = new AbortController().signal;

  function answering(statuses: number[]) {
    const sent: (string | null)[] = [];
    vi.stubGlobal("fetch", async (_url: string, { headers }: { headers: Record<string, string> }) => {
      sent.push(headers["authorization"] ?? null);
      const status = statuses.shift() ?? 500;
      return Response.json(status === 200 ? { unbindings: [] } : { message: "no" }, { status });
    });
    return sent;
  }
  const tokens = (replacement: string | null): Tokens => ({
    current: async () => "old",
    replace: async () => replacement,
  });

  it("are replaced once when they are refused, and no more", async () => {
    const sent = answering([401, 401, 200]);
    expect(await createAsk(tokens("new"))(target, EMPTY_QUESTION, signal)).toMatchObject({
      problem: { code: "SESSION_EXPIRED" },
    });
    expect(sent).toEqual(["Bearer old", "Bearer new"]);
  });

  it("are not asked for where nobody signs in, and nothing is asked without one where somebody must", async () => {
    const sent = answering([200]);
    expect(await createAsk(null)(target, EMPTY_QUESTION, signal)).toMatchObject({ ok: true });
    expect(sent).toEqual([null]);
    const none: Tokens = { current: async () => null, replace: async () => null };
    expect(await createAsk(none)(target, EMPTY_QUESTION, signal)).toMatchObject({
      problem: { code: "SESSION_EXPIRED" },
    });
    expect(sent).toEqual([null]);
  });

  it("make no answer of a page that a proxy put in the place of one", async () => {
    vi.stubGlobal("fetch", async () => new Response("<html>", { status: 200 }));
    expect(await createAsk(null)(target, EMPTY_QUESTION, signal)).toMatchObject({
      ok: false,
      problem: { code: "UNEXPECTED" },
    });
    vi.unstubAllGlobals();
  });
});

describe("several look-ups", () => {
  it("stop once Huawei Cloud limits us: the rest gets the same answer without being asked", async () => {
    const asked: string[] = [];
    const codes: string[] = [];
    const targets = Array.from({ length: 20 }, (_, index) => ({ kind: "name", text: `D${index}` }) as const);
    await run(
      async ({ text }) => {
        asked.push(text);
        return {
          ok: false,
          problem: { code: "UPSTREAM_THROTTLED", detail: "", retryable: true, request_id: null },
        };
      },
      { targets, question: EMPTY_QUESTION },
      new AbortController().signal,
      (_, answer) => codes.push(answer.ok ? "ok" : answer.problem.code),
    );
    expect(asked.length).toBeLessThanOrEqual(5);
    expect(codes).toEqual(Array(20).fill("UPSTREAM_THROTTLED"));
  });
});

describe("the table", () => {
  const failed = (text: string, kind: "id" | "name") => ({
    target: { kind, text },
    answer: {
      ok: false,
      problem: { code: "NO_CONNECTION", detail: "", retryable: true, request_id: null },
    } as const,
  });

  it("has a row with the code for each desktop that was not answered, by the name it was asked by", () => {
    expect(
      toTable([
        failed("d-1", "id"),
        failed("WIN-2", "name"),
        { target: { kind: "name", text: "WIN-3" }, answer: null },
      ]),
    ).toBe(
      [
        "desktop_id,desktop_name,user_id,user_name,user_group,type,unbound_at,detach_time,error_code",
        "d-1,,,,,,,,NO_CONNECTION",
        ",WIN-2,,,,,,,NO_CONNECTION",
        ",WIN-3,,,,,,,STOPPED",
        "",
      ].join("\r\n"),
    );
  });

  it("is saved under a name that every system takes", () => {
    const now = new Date("2026-11-24T00:00:00Z");
    expect(fileName([failed("../évil:\u202Ename", "name")], now)).toBe(
      "unbindings-e-vil-name-2026-11-24.csv",
    );
    expect(fileName([failed("桌面", "name")], now)).toBe("unbindings-desktop-2026-11-24.csv");
    expect(fileName([failed("a", "id"), failed("b", "id")], now)).toBe(
      "unbindings-2-desktops-2026-11-24.csv",
    );
  });
});

describe("the timeline", () => {
  it("ends now, unless the device's clock is behind the newest mark", () => {
    const rows = [row(), row({ unbound_at: "2025-02-10T08:15:30.000Z", type: "GROUP" })];
    const timeline = toTimeline(rows, Date.parse("2026-11-24T00:00:00Z"), "utc");
    expect(timeline?.now).toBeCloseTo(1, 5);
    expect(timeline?.lanes.map(({ label, isGroup }) => [label, isGroup])).toEqual([
      ["alice", false],
      ["alice", true],
    ]);
    const behind = toTimeline(rows, 0, "utc");
    expect(behind?.now).toBeNull();
    for (const { marks } of behind?.lanes ?? []) {
      for (const { position } of marks) expect(position).toBeGreaterThan(0);
    }
    expect(toTimeline([row({ unbound_at: null })], 0, "utc")).toBeNull();
  });
});

describe("what a device remembers", () => {
  const defaults: Preferences = {
    language: null,
    zone: "local",
    hasSingleKeys: true,
    isShared: false,
    recent: [],
  };
  const storage = (text: string | null) => () => ({ getItem: () => text }) as unknown as Storage;

  it.each([null, "", "null", "[]", "{", '{"language":"xx","zone":7,"recent":[{}, "", 5]}'])(
    "is taken only as far as it is as it should be: %s",
    (text) => {
      expect(readPreferences(storage(text))).toEqual(defaults);
    },
  );

  it("is nothing where storage is switched off", () => {
    const off = () => {
      throw new Error("denied");
    };
    expect(readPreferences(off)).toEqual(defaults);
    expect(() => writePreferences(off, defaults)).not.toThrow();
  });

  it("is eight desktops at most, the last one first, each once, and none when shared", () => {
    let preferences = defaults;
    for (let index = 0; index < 10; index++) preferences = remember(preferences, [`D${index}`]);
    preferences = remember(preferences, ["d9", "X"]);
    expect(preferences.recent).toEqual(["d9", "X", "D8", "D7", "D6", "D5", "D4", "D3"]);
    expect(remember({ ...defaults, isShared: true }, ["A"]).recent).toEqual([]);
  });
});

describe("the two languages", () => {
  it("have the same sentences, none of them empty", () => {
    const shape = (texts: object) => Object.entries(texts).map(([name, value]) => [name, typeof value]);
    expect(shape(ZH)).toEqual(shape(EN));
    expect(ZH.keys.map(([keys]) => keys)).toEqual(EN.keys.map(([keys]) => keys));
    expect([...Object.values(EN), ...Object.values(ZH)]).not.toContain("");
  });
});

describe("the language's own name", () => {
  const documentThatDraws = (draw: (letter: string) => string) => {
    let drawn = "";
    const context = {
      clearRect: () => {},
      fillText: (letter: string) => {
        drawn = letter;
      },
      getImageData: () => ({ data: [draw(drawn)] }),
    };
    return { createElement: () => ({ getContext: () => context }) } as unknown as Document;
  };

  it("is written in its script only where there is a font for it", () => {
    expect(
      canShow(
        "中文",
        documentThatDraws((letter) => letter),
      ),
    ).toBe(true);
    expect(
      canShow(
        "中文",
        documentThatDraws(() => "box"),
      ),
    ).toBe(false);
  });
});
