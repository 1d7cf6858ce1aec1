import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge } from "../../src/workspace/answer.ts";
import { readHistory } from "../../src/workspace/history.ts";
import { RUNS } from "../support/runs.ts";

const LIST = "desktop_detach_infos";

const row = fc.record(
  {
    desktop_id: fc.constantFrom("4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55", null),
    user_name: fc.constantFrom("alice", "Zoë", "李雷", LIST, `"${LIST}":[]`),
    user_id: fc.oneof(fc.string(), fc.integer(), fc.constant(null)),
    detach_time: fc.constantFrom("2020-01-08T03:16:01:599000Z", "2022-01-25 09:24:27", 1_652_269_542_000),
    type: fc.constantFrom("USER", "GROUP"),
  },
  { requiredKeys: [] },
);

const good = fc.array(row, { maxLength: 3 }).map((rows) => ({ [LIST]: rows }));
const errorBody = fc.constantFrom(
  { error_code: "WKS.0001", error_msg: "no" },
  { error: { code: "APIGW.0101", message: "no" } },
  { code: 7, message: "no" },
  { errorCode: "IAM.0001", errorMsg: "no" },
  { error_msg: "no code" },
);
const anything = fc.oneof(
  { weight: 6, arbitrary: good },
  { weight: 1, arbitrary: errorBody },
  { weight: 1, arbitrary: fc.tuple(good, errorBody).map(([list, error]) => ({ ...list, ...error })) },
  {
    weight: 1,
    arbitrary: fc.constantFrom({}, { [LIST]: null }, { [LIST]: {} }, { [LIST]: "" }, [], null, "x", 0),
  },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
);

type Mutation = (text: string) => string;

const within = (text: string, at: number) => Math.floor(at * (text.length + 1));
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const fragment = fc.constantFrom(
  `"${LIST}":[]`,
  `"${LIST}":null`,
  `"${LIST}":[{}]`,
  '"desktop_detach_info\\u0073":[]',
  '"error_code":"WKS.0001"',
  '"error_code":{}',
  '"error_code":null',
  '"message":"busy"',
  '"total_count":2',
  '"error":{"code":1}',
  '"request_id":"r"',
  '"\\u005f\\u005fproto\\u005f\\u005f":{}',
);

const mutation: fc.Arbitrary<Mutation> = fc.oneof(
  // Cut off, at either end.
  place.map(
    (at): Mutation =>
      (text) =>
        text.slice(0, within(text, at)),
  ),
  place.map(
    (at): Mutation =>
      (text) =>
        text.slice(within(text, at)),
  ),
  // A piece lost in the middle.
  fc.tuple(place, fc.integer({ min: 1, max: 40 })).map(
    ([at, length]): Mutation =>
      (text) => {
        const from = within(text, at);
        return text.slice(0, from) + text.slice(from + length);
      },
  ),
  // One character is another.
  fc.tuple(place, fc.constantFrom(...'{}[]",:\\ 0nt\n\0\u00e4')).map(
    ([at, char]): Mutation =>
      (text) => {
        const from = within(text, at);
        return text.slice(0, from) + char + text.slice(from + 1);
      },
  ),
  // Wrapped.
  fc.constantFrom<Mutation>(
    (text) => `{"data":${text}}`,
    (text) => `{"${LIST}":${text}}`,
    (text) => `[${text}]`,
    (text) => JSON.stringify(text),
    (text) => `${text}${text}`,
    (text) => `<html>${text}</html>`,
    (text) => `)]}',\n${text}`,
  ),
  // A key of another name.
  fc.constantFrom("Desktop_detach_infos", "detach_infos", `${LIST} `, "desktop_detach_info\\u0073", "").map(
    (name): Mutation =>
      (text) =>
        text.replace(LIST, name),
  ),
  // A further key, before or after the others.
  fragment.map(
    (pair): Mutation =>
      (text) =>
        text.replace(/^\{/, `{${pair},`),
  ),
  fragment.map(
    (pair): Mutation =>
      (text) =>
        text.replace(/\}$/, `,${pair}}`),
  ),
  fragment.map(
    (pair): Mutation =>
      (text) =>
        text.replace(/^\{.*\}$/s, `{${pair}}`),
  ),
  // Byte order marks.
  fc.constantFrom<Mutation>(
    (text) => `\ufeff${text}`,
    (text) => `\ufeff\ufeff${text}`,
    (text) => `${text}\ufeff`,
  ),
);

const encoding = fc.oneof(
  { weight: 6, arbitrary: fc.constant((text: string) => Buffer.from(text)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom<(text: string) => Buffer | null>(
      (text) => Buffer.from(text, "latin1"),
      (text) => Buffer.from(text, "utf16le"),
      (text) => gzipSync(text),
      () => null,
    ),
  },
  {
    weight: 1,
    arbitrary: fc.tuple(place, fc.integer({ min: 0, max: 7 })).map(([at, bit]) => (text: string) => {
      const bytes = Buffer.from(text);
      const index = Math.floor(at * bytes.length);
      if (index < bytes.length) bytes[index] = (bytes[index] as number) ^ (1 << bit);
      return bytes;
    }),
  },
);

const status = fc.oneof(
  { weight: 4, arbitrary: fc.constant(200) },
  { weight: 1, arbitrary: fc.constantFrom(201, 204, 206, 301, 304, 400, 401, 403, 404, 429, 500, 502, 503) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 599 }) },
);

/** The names at the top of a JSON object's text, each as often as it is there. */
function topNames(json: string): string[] {
  const names: string[] = [];
  let depth = 0;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/gs)) {
    if ("{[".includes(token)) depth += 1;
    else if ("}]".includes(token)) depth -= 1;
    else if (depth === 1 && token.endsWith(":")) names.push(JSON.parse(token.replace(/\s*:$/, "")));
  }
  return names;
}

const isThere = (value: unknown) => value !== undefined && value !== null && value !== "";

/** The list that these bytes hold; `null` when they are no good answer. Told without any code of ours. */
function truthOf(status: number, body: Buffer | null): unknown[] | null {
  if (status !== 200 || body === null) return null;
  let text: string;
  let value: unknown;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(body);
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
  const top = value as Record<string, unknown>;
  const inner = (typeof top["error"] === "object" ? (top["error"] ?? {}) : {}) as Record<string, unknown>;
  for (const name of ["error_code", "errorCode", "code"]) {
    if (isThere(top[name]) || (!Array.isArray(inner) && isThere(inner[name]))) return null;
  }
  const names = topNames(text);
  if (names.filter((name) => name === LIST).length > 1) return null;
  if (Array.isArray(top[LIST]) && top[LIST].length > 0) return top[LIST];
  if (new Set(names).size < names.length || Number(top["total_count"]) > 0) return null;
  if (["error", "error_msg", "errorMsg", "message"].some((name) => isThere(top[name]))) return null;
  if (Array.isArray(top[LIST])) return [];
  const isMissing = top[LIST] === undefined || top[LIST] === null;
  return isMissing && names.every((name) => name === LIST) ? [] : null;
}

describe("whatever the upstream sends", () => {
  it("is judged without a throw, and is an empty list only when the upstream said so", () => {
    const seen = { empty: 0, rows: 0, failures: 0 };
    fc.assert(
      fc.property(
        status,
        anything,
        fc.array(mutation, { maxLength: 3 }),
        encoding,
        (status, value, mutations, encode) => {
          const body = encode(mutations.reduce((text, mutate) => mutate(text), JSON.stringify(value)));
          const verdict = judge({ status, headers: {}, body }, readHistory, 0);
          if (!verdict.ok) {
            seen.failures += 1;
            return;
          }
          seen[verdict.value.length === 0 ? "empty" : "rows"] += 1;
          expect(verdict.value).toHaveLength(truthOf(status, body)?.length ?? Number.NaN);
        },
      ),
      { numRuns: RUNS },
    );
    // The generator reaches each of the three: otherwise the property would prove nothing.
    expect(Math.min(...Object.values(seen))).toBeGreaterThan(RUNS / 100);
  });

  it("is answered when it is as documented, however many rows there are", () => {
    fc.assert(
      fc.property(good, fc.boolean(), (value, hasMark) => {
        const body = Buffer.from(`${hasMark ? "\ufeff" : ""}${JSON.stringify(value)}`);
        const verdict = judge({ status: 200, headers: {}, body }, readHistory, 0);
        expect(verdict).toMatchObject({ ok: true, value: { length: value[LIST]?.length } });
      }),
    );
  });
});
