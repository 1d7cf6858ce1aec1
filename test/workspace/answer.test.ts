import { describe, expect, it } from "vitest";
import { LookupError } from "../../src/contract/errors.ts";
import type { UpstreamAnswer } from "../../src/net/transport.ts";
import { TransportFault, type TransportFaultKind } from "../../src/net/transport-fault.ts";
import { judge, judgeFault, MalformedAnswer, type Verdict } from "../../src/workspace/answer.ts";
import { readHistory } from "../../src/workspace/history.ts";
import { anAnswer } from "../support/upstream.ts";

const NOW = Date.parse("2026-11-24T08:15:30.000Z");
const LIST = "desktop_detach_infos";

function ask(status: number, body: unknown, headers: UpstreamAnswer["headers"] = {}) {
  return judge(anAnswer(status, body, headers), readHistory, NOW);
}

/** What is expected of an answer that cannot be read: the reason is ours and for the log. */
const unreadable = (text: string, again = "once") => ({
  ok: false,
  error: expect.objectContaining({ code: "UPSTREAM_INVALID_RESPONSE" }),
  again,
  text,
  waitSeconds: null,
  serverTime: null,
  encodedAuthorizationMessage: null,
});

const rowsOf = (verdict: Verdict<readonly unknown[]>) => (verdict.ok ? verdict.value : verdict.text);

describe("a good answer", () => {
  it("is rows and what the upstream said of itself", () => {
    const verdict = ask(200, { [LIST]: [{ user_id: "u1" }] }, { "x-request-id": "req-1" });
    expect(verdict).toMatchObject({
      ok: true,
      value: [{ at: null, row: { user_id: "u1" } }],
      bytes: `{"${LIST}":[{"user_id":"u1"}]}`.length,
      upstream: { status: 200, code: null, requestId: "req-1" },
    });
  });

  it.each([
    ["an empty array", '{"desktop_detach_infos":[]}'],
    ["an empty array beside other content", '{"request_id":"r","desktop_detach_infos":[]}'],
    ["null", '{"desktop_detach_infos":null}'],
    ["an empty object", " {} "],
    ["an empty array after a byte order mark", '\ufeff{"desktop_detach_infos":[]}'],
    ["an empty array under an escaped key", '{"desktop_detach_info\\u0073":[]}'],
  ])("is empty because the upstream said so: %s", (_, body) => {
    expect(rowsOf(ask(200, body))).toEqual([]);
  });

  it("keeps every digit of a number that JavaScript would round", () => {
    const body =
      '{"desktop_detach_infos":[{"user_id":9007199254740993,"user_name":-12345678901234567890,"detach_time": 1652269542000}]}';
    expect(ask(200, body)).toMatchObject({
      value: [
        {
          row: {
            user_id: "9007199254740993",
            user_name: "-12345678901234567890",
            detach_time: "1652269542000",
          },
        },
      ],
    });
    expect(ask(200, '{"desktop_detach_infos":[{"user_id":[1234567890123456789]}]}')).toMatchObject({
      ok: false,
    });
    expect(ask(200, '{"desktop_detach_infos":[{"detach_time":[1234567890123456789]}]}')).toMatchObject({
      value: [{ row: { detach_time: '["1234567890123456789"]' } }],
    });
    expect(ask(200, '{"desktop_detach_infos":[{"user_id":12345678901234567e2}]}')).toMatchObject({
      value: [{ row: { user_id: "1234567890123456768" } }],
    });
  });

  it("may have a user who is named like the list", () => {
    const body = { [LIST]: [{ user_name: LIST }, { user_name: `"${LIST}":` }] };
    expect(rowsOf(ask(200, body))).toHaveLength(2);
  });
});

describe("an answer that cannot be read", () => {
  it.each([
    ["cut off", null, "cut off"],
    ["empty", "", "not JSON"],
    ["HTML", "<html></html>", "not JSON"],
    ["cut-off JSON", '{"desktop_detach_infos":[{"user', "not JSON"],
    ["JSON and something after it", '{"desktop_detach_infos":[]}x', "not JSON"],
    ["two byte order marks", '\ufeff\ufeff{"desktop_detach_infos":[]}', "not JSON"],
    ["UTF-16", Buffer.from('{"desktop_detach_infos":[]}', "utf16le"), "not JSON"],
    ["not UTF-8", Buffer.from('{"desktop_detach_infos":[{"user_name":"\xe4"}]}', "latin1"), "not UTF-8"],
    [
      "nested deep, with long numbers",
      `${"[1234567890123456789,".repeat(40_000)}1${"]".repeat(40_000)}`,
      "no JSON object",
    ],
    ["denser than any answer", `{"${LIST}":[${"{},".repeat(400_000)}{}]}`, "not JSON"],
    ["more rows than a desktop can have", { [LIST]: Array(20_001).fill({}) }, "more than 20000 rows"],
    [
      "an empty list whose error is hidden by null",
      `{"error_code":"WKS.0202","error_code":null,"${LIST}":[]}`,
      "a key twice beside an empty list",
    ],
    [
      "an empty list whose error is hidden by an escaped key",
      `{"error_code":"WKS.0202","${LIST}":[],"error\\u005fcode":null}`,
      "a key twice beside an empty list",
    ],
    [
      "a message beside an empty list",
      { message: "Service busy", [LIST]: [] },
      "an error beside an empty list",
    ],
    ["a failure beside an empty list", { success: false, [LIST]: [] }, "an error beside an empty list"],
    ["a count beside an empty list", { total_count: 3, [LIST]: [] }, "a count beside an empty list"],
    ["an array", [], "no JSON object"],
    ["null", "null", "no JSON object"],
    ["a text", '"x"', "no JSON object"],
    ["no list beside other content", { request_id: "r" }, "no list of desktop_detach_infos"],
    ["null beside other content", { [LIST]: null, total: 1 }, "no list of desktop_detach_infos"],
    ["escapes and no list", '{"name":"\\u00e9"}', "no list of desktop_detach_infos"],
    ["a list under another name", { Desktop_detach_infos: [] }, "no list of desktop_detach_infos"],
    ["an object for a list", { [LIST]: {} }, "no list of desktop_detach_infos"],
    ["a text for a list", { [LIST]: "" }, "no list of desktop_detach_infos"],
    ["a list that is false", { [LIST]: false }, "no list of desktop_detach_infos"],
    ["a list one level down", { data: { [LIST]: [] } }, "no list of desktop_detach_infos"],
    ["an error's words beside a list", { [LIST]: [], error_msg: "denied" }, "an error beside an empty list"],
    ["an error beside a list", { error: { message: "no" }, [LIST]: [] }, "an error beside an empty list"],
    ["errors beside a list", { errors: [{}], [LIST]: [] }, "an error beside an empty list"],
    [
      "a policy's denial beside a list",
      { [LIST]: [], encoded_authorization_message: "opaque" },
      "an error beside an empty list",
    ],
    ["a row that is none", { [LIST]: [{}, 1] }, "row 1 is no object"],
    [
      "a full list hidden by an empty one",
      '{"desktop_detach_infos":[{}],"desktop_detach_infos":[]}',
      "the list is there twice",
    ],
    [
      "a full list hidden by null",
      '{"desktop_detach_infos":[{}],"desktop_detach_infos" : null}',
      "the list is there twice",
    ],
    [
      "a full list hidden by an escaped key",
      '{"desktop_detach_infos":[{}],"\\u0064esk\\u0074op\\u005Fdetach_info\\u0073":[]}',
      "the list is there twice",
    ],
  ])("is never an empty list: %s", (_, body, why) => {
    expect(ask(200, body)).toEqual(unreadable(why));
  });

  it.each([201, 202, 203, 204, 205, 206, 226])(
    "is a success of another status than the documented one: %d",
    (status) => {
      expect(ask(status, { [LIST]: [] })).toEqual(unreadable("not the documented status"));
    },
  );

  it.each([300, 301, 302, 303, 304, 307, 308, 399])("is a redirect, which is not followed: %d", (status) => {
    expect(ask(status, { [LIST]: [] }, { location: "https://elsewhere.example" })).toEqual(
      unreadable("a redirect", "never"),
    );
    expect(ask(status, { error_code: "APIGW.0301" })).toEqual(unreadable("a redirect", "never"));
  });

  it.each([400, 404, 409, 499])("is a refusal that was cut off before it said why: %d", (status) => {
    expect(ask(status, null)).toEqual(unreadable("cut off"));
  });

  it.each([
    [401, "CREDENTIALS_REFUSED"],
    [403, "PERMISSION_DENIED"],
    [429, "UPSTREAM_THROTTLED"],
    [500, "UPSTREAM_UNAVAILABLE"],
    [503, "UPSTREAM_UNAVAILABLE"],
  ])("is not what a cut-off %d is: the status says enough", (status, code) => {
    expect(ask(status, null)).toMatchObject({ error: { code } });
  });

  it("lets a fault of our own reader through as what it is", () => {
    const bug = new TypeError("bug");
    const judgeIt = () =>
      judge(
        anAnswer(200, {}),
        () => {
          throw bug;
        },
        NOW,
      );
    expect(judgeIt).toThrow(bug);
  });
});

describe("what the upstream says of itself", () => {
  const requestId = (headers: UpstreamAnswer["headers"], body: unknown = {}) => {
    const verdict = ask(400, body, headers);
    return verdict.ok ? null : verdict.error.upstream?.requestId;
  };

  it("is its request ID: by header, else by body, else by IAM's header", () => {
    const iam = { "x-iam-trace-id": "iam-1" };
    const body = { request_id: "body-1" };
    expect(requestId({ ...iam, "x-request-id": "header-1" }, body)).toBe("header-1");
    expect(requestId(iam, body)).toBe("body-1");
    expect(requestId(iam, { error: body })).toBe("body-1");
    expect(requestId(iam)).toBe("iam-1");
    expect(requestId({})).toBeNull();
    expect(requestId({ "x-iam-trace-id": ["iam-1", "iam-2"] } as never)).toBe("iam-1");
  });

  it.each(["", "two words", "x".repeat(129), "<b>", "ä"])(
    "is no request ID when it looks like none: %j",
    (id) => {
      expect(requestId({ "x-request-id": id }, { request_id: "body-1" })).toBe("body-1");
    },
  );

  it("may be a request ID of 128 characters of an identifier", () => {
    const id = `${"x".repeat(120)}aZ0_-.:9`;
    expect(requestId({ "x-request-id": id })).toBe(id);
  });
});

describe("the wait that the upstream asks for", () => {
  const waitOf = (status: number, body: unknown, headers: UpstreamAnswer["headers"]) => {
    const verdict = ask(status, body, headers);
    return verdict.ok ? null : verdict.waitSeconds;
  };

  it("is read from an error that will pass, and from no other", () => {
    expect(waitOf(429, {}, { "retry-after": "7" })).toBe(7);
    expect(waitOf(503, {}, { "retry-after": "7" })).toBe(7);
    expect(waitOf(429, { error_msg: "limit:200,time:5 minute" }, {})).toBe(300);
    expect(waitOf(403, {}, { "retry-after": "7" })).toBeNull();
    expect(waitOf(500, { error_code: "APIGW.0609" }, { "retry-after": "7" })).toBeNull();
  });

  it("counts from the upstream's own clock where that is known, else from ours", () => {
    const header = "Tue, 24 Nov 2026 08:15:40 GMT";
    expect(waitOf(503, {}, { "retry-after": header })).toBe(10);
    expect(waitOf(503, {}, { "retry-after": header, date: "Tue, 24 Nov 2026 08:15:10 GMT" })).toBe(30);
    expect(waitOf(503, {}, { "retry-after": header, date: "garbage" })).toBe(10);
  });
});

describe("the upstream's clock", () => {
  const timeOf = (status: number, error_msg: string, date?: string) => {
    const verdict = ask(status, { error_msg }, date === undefined ? {} : { date });
    return verdict.ok || verdict.serverTime === null ? null : new Date(verdict.serverTime).toISOString();
  };
  const DATE = "Tue, 24 Nov 2026 09:00:00 GMT";

  it.each([
    [
      "signature expired, signature time:20261124T070000Z,server time:20261124T081530Z",
      "2026-11-24T08:15:30.000Z",
    ],
    ["Signature expired, Server Time: 2026-11-24 08:15:30", "2026-11-24T08:15:30.000Z"],
    ["server time:2026-11-24T08:15:30Z", "2026-11-24T08:15:30.000Z"],
    ["server time:20261124081530", "2026-11-24T08:15:30.000Z"],
    ["server time:20261324T081530Z", "2026-11-24T09:00:00.000Z"],
    ["signature expired", "2026-11-24T09:00:00.000Z"],
  ])("is read from a refusal of our key, by its words or else its date: %j", (text, time) => {
    expect(timeOf(401, text, DATE)).toBe(time);
  });

  it("is not known when neither tells", () => {
    expect(timeOf(401, "signature expired")).toBeNull();
    expect(timeOf(401, "signature expired", "garbage")).toBeNull();
  });

  it("is nobody's concern when the key was not refused", () => {
    expect(timeOf(403, "server time:20261124T081530Z", DATE)).toBeNull();
  });
});

describe("when nothing came back", () => {
  it.each<[TransportFaultKind, string, string]>([
    ["deadline", "DEADLINE_EXCEEDED", "never"],
    ["timeout", "UPSTREAM_TIMEOUT", "transient"],
    ["stale", "UPSTREAM_UNREACHABLE", "free"],
    ["reset", "UPSTREAM_UNREACHABLE", "uncounted"],
    ["unreachable", "UPSTREAM_UNREACHABLE", "transient"],
    ["unknown-host", "UPSTREAM_UNREACHABLE", "never"],
    ["tls", "UPSTREAM_UNREACHABLE", "never"],
    ["unreadable", "UPSTREAM_INVALID_RESPONSE", "once"],
    ["too-large", "UPSTREAM_INVALID_RESPONSE", "never"],
  ])("a fault of kind %s means %s, and to ask again: %s", (kind, code, again) => {
    const fault = new TransportFault(kind, "WHY");
    const failure = judgeFault(fault);
    expect(failure).toEqual({
      ok: false,
      error: expect.any(LookupError),
      again,
      text: "WHY",
      waitSeconds: null,
      serverTime: null,
      encodedAuthorizationMessage: null,
    });
    expect(failure.error).toMatchObject({ code, cause: fault, upstream: undefined });
  });
});

describe("a status that ends nothing", () => {
  it("is no answer, and asked about once more", () => {
    const verdict = ask(199, {});
    expect(verdict).toMatchObject({ ok: false, again: "once", text: "no status of a final answer" });
    expect(verdict.ok || verdict.error).toMatchObject({
      code: "UPSTREAM_INVALID_RESPONSE",
      upstream: { status: 199, code: null, requestId: null },
    });
  });
});

describe("an answer of another shape", () => {
  it("is an error with a name of its own", () => {
    expect(new MalformedAnswer("x").name).toBe("MalformedAnswer");
  });
});
