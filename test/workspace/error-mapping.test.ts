import { describe, expect, it } from "vitest";
import type { ErrorCode } from "../../src/contract/errors.ts";
import { judge, type Verdict } from "../../src/workspace/answer.ts";
import { classify } from "../../src/workspace/error-codes.ts";
import { readHistory } from "../../src/workspace/history.ts";
import documented from "../data/huawei-errors.json" with { type: "json" };
import { anAnswer } from "../support/upstream.ts";

const ask = (status: number, body: unknown) => judge(anAnswer(status, body), readHistory, 0);

function codeOf(verdict: Verdict<unknown>): ErrorCode | "OK" {
  return verdict.ok ? "OK" : verdict.error.code;
}

interface Documented {
  status: number;
  code?: string;
  category: string;
  retryable: boolean;
}

// Those without a status never came back with an answer: they are the transport's matter.
const answered = documented.filter((entry): entry is Documented & (typeof documented)[number] =>
  Object.hasOwn(entry, "status"),
);

/** Documented as "not found", the first two with HTTP 500. */
const NOT_FOUND_CODES = ["WKS.0202", "WKS.0915", "WKS.00170208"];

/** What a documented error means for whoever asks us, by its category. */
function meaningOf({ status, code, category, retryable }: Documented): ErrorCode {
  switch (category) {
    case "credentials":
      return "CREDENTIALS_REFUSED";
    case "permissions":
      return "PERMISSION_DENIED";
    case "configuration":
      return "UPSTREAM_MISCONFIGURED";
    case "throttling":
      return "UPSTREAM_THROTTLED";
    case "caller":
      return code === undefined || NOT_FOUND_CODES.includes(code) ? "DESKTOP_NOT_FOUND" : "UPSTREAM_REJECTED";
    default:
      return retryable || status >= 500 ? "UPSTREAM_UNAVAILABLE" : "UPSTREAM_REJECTED";
  }
}

const TEXT = "words of the upstream";

/** The shapes of error bodies that have a code, as the reference letters them. */
const SHAPES: Record<string, (code: string | number) => unknown> = {
  A: (code) => ({ error_code: code, error_msg: TEXT, error_detail: "more" }),
  B: (code) => ({ error_msg: TEXT, error_code: code, request_id: "req-1" }),
  C: (code) => ({ error: { code, message: TEXT, title: "Title" } }),
  D: (code) => ({ error: { error_code: code, error_msg: TEXT } }),
  E: (code) => ({ code, message: TEXT }),
  "F with errorMsg": (code) => ({ errorCode: code, errorMsg: TEXT }),
  "F with errorMessage": (code) => ({ errorCode: code, errorMessage: TEXT }),
  G: (code) => ({ error_msg: TEXT, error_code: code, request_id: "req-1", details: "more" }),
};

describe.each(Object.entries(SHAPES))("an error body of shape %s", (_, bodyOf) => {
  it.each(
    answered.flatMap((entry) =>
      entry.code ? [[entry.status, entry.code.replace("*", "0001"), entry] as const] : [],
    ),
  )("means with status %d and code %s what its category says", (status, code, entry) => {
    const verdict = ask(status, bodyOf(code));
    expect(codeOf(verdict)).toBe(meaningOf(entry));
    expect(verdict).toMatchObject({ error: { upstream: { status, code } } });
    if (!verdict.ok) expect(verdict.text).toContain(TEXT);
  });

  it("means the same under HTTP 200, but that no status says how it will go on", () => {
    for (const entry of answered) {
      // The meaning of this one code depends on its status.
      if (!entry.code || entry.code === "APIGW.0201") continue;
      const verdict = ask(200, bodyOf(entry.code.replace("*", "0001")));
      expect([entry.code, codeOf(verdict)]).toEqual([entry.code, meaningOf({ ...entry, status: 200 })]);
    }
  });

  it("may have a number for its code, which is read as text", () => {
    expect(ask(400, bodyOf(40_001))).toMatchObject({
      ok: false,
      error: { code: "UPSTREAM_REJECTED", upstream: { code: "40001" } },
    });
    expect(codeOf(ask(200, bodyOf(0)))).toBe("UPSTREAM_REJECTED");
  });

  it("may have a code that is nobody's business, which does not leave", () => {
    const verdict = ask(400, bodyOf("user alice@example.com is unknown"));
    expect(verdict).toMatchObject({ ok: false, error: { upstream: { code: null } } });
  });

  it("is an error even when it carries a list", () => {
    const body = { ...(bodyOf("WKS.9999") as object), desktop_detach_infos: [{ user_name: "alice" }] };
    expect(codeOf(ask(200, body))).toBe("UPSTREAM_REJECTED");
  });
});

describe("an error without a code", () => {
  const bodies: [string, unknown][] = [
    ["H, HTML", "<html><body>Oops</body></html>"],
    ["H, text", "Oops"],
    ["I, empty", ""],
    ["J, an array", [{ error_code: "APIGW.0301" }]],
    ["J, a text", JSON.stringify("APIGW.0301")],
    ["J, null", "null"],
    ["an object that says nothing", {}],
    ["an object with an empty code", { error_code: "", error_msg: "" }],
  ];
  it.each(bodies)("goes by its status: %s", (_, body) => {
    for (const entry of answered) {
      if (entry.code) continue;
      expect([entry.status, codeOf(ask(entry.status, body))]).toEqual([entry.status, meaningOf(entry)]);
    }
    const byStatus = [400, 402, 409, 410, 418, 429, 500, 502, 503, 504, 599].map((status) =>
      codeOf(ask(status, body)),
    );
    expect(byStatus).toEqual([
      "UPSTREAM_REJECTED",
      "UPSTREAM_REJECTED",
      "UPSTREAM_REJECTED",
      "UPSTREAM_REJECTED",
      "UPSTREAM_REJECTED",
      "UPSTREAM_THROTTLED",
      "UPSTREAM_UNAVAILABLE",
      "UPSTREAM_UNAVAILABLE",
      "UPSTREAM_UNAVAILABLE",
      "UPSTREAM_UNAVAILABLE",
      "UPSTREAM_UNAVAILABLE",
    ]);
  });
});

describe("an error with a code that nobody documents", () => {
  it.each<[number, string, ErrorCode]>([
    [401, "XYZ.1", "CREDENTIALS_REFUSED"],
    [403, "XYZ.1", "PERMISSION_DENIED"],
    [404, "XYZ.1", "DESKTOP_NOT_FOUND"],
    [404, "WKS.7777", "DESKTOP_NOT_FOUND"],
    [404, "APIGW.9999", "UPSTREAM_MISCONFIGURED"],
    [404, "APIG.0101", "UPSTREAM_MISCONFIGURED"],
    [404, "APIGW.0201", "UPSTREAM_MISCONFIGURED"],
    [405, "XYZ.1", "UPSTREAM_MISCONFIGURED"],
    [429, "XYZ.1", "UPSTREAM_THROTTLED"],
    [400, "XYZ.1", "UPSTREAM_REJECTED"],
    [500, "XYZ.1", "UPSTREAM_UNAVAILABLE"],
    [503, "APIGW.0201", "UPSTREAM_UNAVAILABLE"],
    [200, "XYZ.1", "UPSTREAM_REJECTED"],
    [400, "PDP5.0042", "PERMISSION_DENIED"],
    [400, "PAP5.0042", "PERMISSION_DENIED"],
    [400, "XPAP5.0042", "UPSTREAM_REJECTED"],
  ])("goes by prefix, then by status: %d %s means %s", (status, code, meaning) => {
    expect(codeOf(ask(status, { error_code: code, error_msg: TEXT }))).toBe(meaning);
  });

  it.each([true, false, {}, ["APIGW.0301"]])("is an error all the same when the code is %j", (code) => {
    expect(ask(200, { error_code: code, desktop_detach_infos: [] })).toMatchObject({
      ok: false,
      error: { code: "UPSTREAM_REJECTED", upstream: { code: null } },
    });
  });
});

describe("a code that is there but says nothing", () => {
  it.each([null, ""])("is no error beside a list: %j", (code) => {
    expect(codeOf(ask(200, { error_code: code, code, desktop_detach_infos: [] }))).toBe("OK");
  });
});

describe("the words of an error", () => {
  it.each<[number, string, string, ErrorCode]>([
    [400, "WKS.0001", "The desktop pool does not exist", "DESKTOP_NOT_FOUND"],
    [400, "WKS.0001", "The body is empty", "UPSTREAM_REJECTED"],
    [404, "WKS.0001", "The body is empty", "DESKTOP_NOT_FOUND"],
    [400, "WKS.00170312", "User not found", "DESKTOP_NOT_FOUND"],
    [200, "WKS.7777", "the desktop doesn't exist", "DESKTOP_NOT_FOUND"],
    [400, "WKS.7777", "desktops don't exist", "DESKTOP_NOT_FOUND"],
    [500, "WKS.7777", "DESKTOP NOT EXIST", "DESKTOP_NOT_FOUND"],
    [500, "WKS.7777", "it cannot be found", "DESKTOP_NOT_FOUND"],
    [500, "WKS.7777", "it is notfound", "UPSTREAM_UNAVAILABLE"],
    [503, "WKS.7777", "the desktop does not exist", "UPSTREAM_UNAVAILABLE"],
    [409, "WKS.7777", "the desktop does not exist", "UPSTREAM_REJECTED"],
    [400, "XYZ.1", "the desktop does not exist", "UPSTREAM_REJECTED"],
    [400, "XWKS.1", "the desktop does not exist", "UPSTREAM_REJECTED"],
    [401, "APIGW.0301", "ak HPUA not exist", "CREDENTIALS_REFUSED"],
    [400, "WKS.00170117", "the project does not exist", "UPSTREAM_MISCONFIGURED"],
    [400, "XYZ.1", "The throttling threshold has been reached", "UPSTREAM_THROTTLED"],
    [403, "XYZ.1", "policy user over ratelimit,limit:10", "UPSTREAM_THROTTLED"],
  ])("count where the code leaves it open: %d %s %j means %s", (status, code, error_msg, meaning) => {
    expect(codeOf(ask(status, { error_code: code, error_msg }))).toBe(meaning);
  });

  it("are gathered for the log from wherever they stand", () => {
    const body = {
      error_msg: "a",
      errorMsg: "b",
      errorMessage: "c",
      message: "d",
      title: "e",
      error_detail: "f",
      details: "g",
      error: { message: "inner" },
    };
    expect(ask(400, body)).toMatchObject({ text: "a; b; c; d; e; f; g" });
    expect(ask(400, { error: { title: "t", message: "m" } })).toMatchObject({ text: "m; t" });
    expect(ask(400, { error_msg: "", message: 7 })).toMatchObject({ text: "7" });
    expect(ask(400, {})).toMatchObject({ text: "" });
    expect(ask(400, "<html>Oops</html>")).toMatchObject({ text: "" });
  });

  it("are read as far as they can be when they are not UTF-8", () => {
    const body = Buffer.concat([
      Buffer.from('{"error_code":"WKS.00170117","error_msg":"'),
      Buffer.from([0xce, 0xb4, 0xbf]),
      Buffer.from('"}'),
    ]);
    expect(codeOf(ask(400, body))).toBe("UPSTREAM_MISCONFIGURED");
  });
});

describe("a policy's denial", () => {
  const message = "opaque".repeat(10);

  it.each<[string, number, unknown]>([
    ["at the top", 403, { error_code: "XYZ.1", encoded_authorization_message: message }],
    ["inside", 403, { error: { code: "XYZ.1", encoded_authorization_message: message } }],
    ["under HTTP 200", 200, { error_code: "XYZ.1", encoded_authorization_message: message }],
    ["of IAM v5", 403, { error_code: "PAP5.0001", encoded_authorization_message: message }],
  ])("is told by its encoded message, which is kept for the log: %s", (_, status, body) => {
    expect(ask(status, body)).toMatchObject({
      error: { code: "PERMISSION_DENIED" },
      again: "never",
      encodedAuthorizationMessage: message,
    });
  });

  it("does not show its message in what may leave", () => {
    const verdict = ask(403, {
      error_code: "PAP5.0001",
      error_msg: TEXT,
      encoded_authorization_message: message,
    });
    if (verdict.ok) throw new Error("must be a failure");
    const { error } = verdict;
    expect(JSON.stringify([error, error.message, error.detail])).not.toMatch(/opaque|words/);
  });

  it("is not what a refused key is, whatever message comes along", () => {
    const body = { error_code: "APIGW.0301", encoded_authorization_message: message };
    expect(codeOf(ask(401, body))).toBe("CREDENTIALS_REFUSED");
    expect(codeOf(ask(401, { encoded_authorization_message: message }))).toBe("CREDENTIALS_REFUSED");
    expect(codeOf(ask(500, { encoded_authorization_message: message }))).toBe("UPSTREAM_UNAVAILABLE");
  });

  it("is none when the message is empty", () => {
    expect(codeOf(ask(200, { error_code: "X.1", encoded_authorization_message: "" }))).toBe(
      "UPSTREAM_REJECTED",
    );
  });
});

describe("what an error advises to do next", () => {
  it.each([
    [401, "APIGW.0301", "credentials"],
    [403, "IAM.0080", "credentials"],
    [429, "APIGW.0308", "transient"],
    [400, "WKS.0407", "transient"],
    [502, "APIGW.0201", "transient"],
    [403, "IAM.0002", "never"],
    [404, "APIGW.0101", "never"],
    [500, "WKS.0202", "never"],
    [500, "APIGW.0609", "never"],
    [400, "WKS.0001", "never"],
  ])("%d %s: %s", (status, code, again) => {
    expect(ask(status, { error_code: code })).toMatchObject({ again });
  });
});

describe("the class of an error", () => {
  const of = (status: number, code: string | null, text = "", isPolicyDenial = false) =>
    classify({ status, code, text, isPolicyDenial } as Parameters<typeof classify>[0]);

  it.each(
    "APIGW.0103 APIGW.0104 APIGW.0105 APIGW.0106 APIGW.0311 APIGW.0401 APIGW.0404 APIGW.0501 APIGW.0502 APIGW.0609 APIGW.0611 APIGW.0612 IAM.0005 WKS.00000003 WKS.00010110".split(
      " ",
    ),
  )("is lasting for %s by its code, under a status that would pass", (code) => {
    expect(of(503, code)).toBe("lasting");
  });

  it.each(["WKS.0001", "WKS.00170312", "WKS.00010109"])(
    "is the caller's for %s, unless it speaks of what is not there",
    (code) => {
      expect(of(503, code)).toBe("caller");
      expect(of(404, code)).toBe("not-found");
      expect(of(400, code, "The desktop does not exist.")).toBe("not-found");
    },
  );

  it.each([
    [500, "APIGW.0101", "", false, "configuration"],
    [401, null, "", true, "credentials"],
    [500, null, "", true, "passing"],
    [403, null, "", true, "permissions"],
    [400, null, "The throttling threshold has been reached", false, "throttling"],
    [403, null, "The throttling threshold has been reached", true, "permissions"],
    [404, "WKS.9999", "the desktop is not found", false, "not-found"],
    [400, "WKS.9999", "the desktop is not found", false, "not-found"],
    [500, "WKS.9999", "the desktop is not found", false, "not-found"],
    [503, "WKS.9999", "the desktop is not found", false, "passing"],
    [400, "IAM.9999", "the desktop is not found", false, "lasting"],
    [403, null, "", false, "permissions"],
    [404, "APIGW.9999", "", false, "configuration"],
    [404, "APIG.9999", "", false, "configuration"],
    [404, "X.APIGW.9999", "", false, "not-found"],
    [404, null, "", false, "not-found"],
    [405, null, "", false, "configuration"],
    [429, null, "", false, "throttling"],
    [499, null, "", false, "lasting"],
    [500, null, "", false, "passing"],
  ] as const)(
    "under %i with %j and “%s” (a denial: %s) is %s",
    (status, code, text, isPolicyDenial, expected) => {
      expect(of(status, code, text, isPolicyDenial)).toBe(expected);
    },
  );
});

describe("the list in an answer", () => {
  const read = (text: string) => readHistory(JSON.parse(text), text);

  it.each([
    ...["error", "errors", "error_msg", "errorMsg", "errorMessage", "encoded_authorization_message"],
    ...["message", "msg", "errMsg", "fault", "exception", "reason", "failReason", "error_detail", "details"],
    ...["returnCode", "success", "ok"],
  ])("is not believed to be empty beside %s", (key) => {
    expect(() => read(`{"desktop_detach_infos":[],"${key}":"x"}`)).toThrow("an error beside an empty list");
    for (const blank of ['""', "null"])
      expect(read(`{"desktop_detach_infos":[],"${key}":${blank}}`)).toEqual([]);
    expect(read(`{"desktop_detach_infos":[{}],"${key}":"x"}`)).toHaveLength(1);
  });

  it.each([
    '{"desktop_detach_infos":[{}],"desktop_detach_infos":[]}',
    '{"desktop_detach_infos":[{}],"desktop_detach_info\\u0073":[]}',
    '{"desktop_detach_info\\u0073":[{}],"desktop_detach_infos":[]}',
    '{"desktop\\u005Fdetach_infos":[{}], "desktop_detach_infos" : []}',
  ])("is not believed when it is there twice: %s", (text) => {
    expect(() => read(text)).toThrow("the list is there twice");
  });

  it("is believed to be empty beside what is no error and counts nothing", () => {
    for (const beside of [
      '"request_id":"r"',
      '"total_count":0',
      '"total":null',
      '"success":true',
      '"count":"0"',
      '"page":1',
      '"page_size":100',
      '"limit":20',
    ])
      expect(read(`{"desktop_detach_infos":[],${beside}}`), beside).toEqual([]);
  });

  it.each(["total_count", "totalCount", "count", "total", "totalSize", "record_count"])(
    "is not believed to be empty beside %s of more than nought",
    (key) => {
      for (const count of ["1", '"2"', "20000"])
        expect(() => read(`{"desktop_detach_infos":[],"${key}":${count}}`)).toThrow(
          "a count beside an empty list",
        );
    },
  );

  it("has up to 20,000 rows", () => {
    const rows = (count: number) => read(`{"desktop_detach_infos":[${Array(count).fill("{}")}]}`);
    expect(rows(20_000)).toHaveLength(20_000);
    expect(() => rows(20_001)).toThrow("more than 20000 rows");
  });

  it("may be mentioned by somebody's name", () => {
    expect(
      read('{"desktop_detach_infos":[{"user_name":"desktop_detach_infos"},{"user_name":"\\u0041"}]}'),
    ).toHaveLength(2);
  });

  it.each(["{}", '{"desktop_detach_infos":null}'])(
    "may be missing where nothing else is there: %s",
    (text) => {
      expect(read(text)).toEqual([]);
    },
  );

  it.each([
    '{"a":1}',
    '{"desktop_detach_infos":null,"a":1}',
    '{"desktop_detach_infos":{}}',
    '{"desktop_detach_infos":""}',
  ])("may not be missing in %s", (text) => {
    expect(() => read(text)).toThrow("no list of desktop_detach_infos");
  });
});
