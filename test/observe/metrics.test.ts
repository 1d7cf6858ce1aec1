import { describe, expect, it } from "vitest";
import { ERROR_CODES, type ErrorCode } from "../../src/contract/errors.ts";
import { createLog } from "../../src/observe/log.ts";
import type { LogFields } from "../../src/observe/log-fields.ts";
import { FUNCTION_METRICS, STAGE_METRICS } from "../../src/observe/metrics.ts";

interface Directive {
  Namespace: string;
  Dimensions: string[][];
  Metrics: { Name: string; Unit: string }[];
}

const AT = 1_795_500_000_000;

function lineOf(
  fields: LogFields,
  { level = "debug" as "debug" | "error", stage = "prod" as string | null },
) {
  const lines: string[] = [];
  const log = createLog({ level, stage, write: (line) => lines.push(line), wallNow: () => AT });
  log.request("info", { function: "http" }, fields);
  expect(lines).toHaveLength(1);
  const line = JSON.parse(lines[0] as string);
  const directives: Directive[] = line._aws?.CloudWatchMetrics ?? [];
  return { line, directives };
}

const FIELDS: LogFields = {
  outcome: "ok",
  profile: "prod",
  desktop_id: "d1",
  lookups: 1,
  cache_hits: 0,
  attempts: 1,
  throttles: 0,
  refusals: 0,
  unreadable_times: 0,
  duration_ms: 12,
  upstream_ms: 9,
};
const FROM_CACHE: LogFields = { ...FIELDS, cache_hits: 1, attempts: 0, upstream_ms: 0 };
const EXPIRING: LogFields = { ...FIELDS, key_expires_in_seconds: 3600 };

const namesIn = ({ directives }: ReturnType<typeof lineOf>) =>
  directives.map(({ Metrics }) => Metrics.map(({ Name }) => Name));

describe("metrics in the request line", () => {
  it.each([FIELDS, FROM_CACHE, EXPIRING, { ...FIELDS, outcome: "error", code: "UPSTREAM_TIMEOUT" }])(
    "has every dimension and every metric that it declares beside it, as the format wants",
    (fields) => {
      const { line, directives } = lineOf(fields, {});
      expect(directives).toHaveLength(2);
      for (const { Namespace, Dimensions, Metrics } of directives) {
        expect(Namespace).toBe("WorkspaceUnbindings");
        for (const name of Dimensions.flat()) expect(line[name]).toEqual(expect.any(String));
        for (const { Name, Unit } of Metrics) {
          expect(line[Name]).toEqual(expect.any(Number));
          expect(Unit).toMatch(/^(?:Count|Milliseconds|Seconds)$/);
        }
      }
      expect(line._aws.Timestamp).toBe(AT);
    },
  );

  it("declares what is known and no more: a value that is missing would void the line", () => {
    const [stage, ofFunction] = namesIn(lineOf(EXPIRING, {}));
    expect(stage).toEqual(STAGE_METRICS);
    expect(ofFunction).toEqual(FUNCTION_METRICS);
    expect(namesIn(lineOf(FIELDS, {}))[0]).not.toContain("key_expires_in_seconds");
    // No time at Huawei is no fast answer of Huawei's.
    expect(namesIn(lineOf(FROM_CACHE, {}))[0]).not.toContain("upstream_ms");
  });

  it("tells stages apart, and of functions only how many requests and server errors they had", () => {
    const dimensions = lineOf(FIELDS, {}).directives.map(({ Dimensions }) => Dimensions);
    expect(dimensions).toEqual([[["stage"]], [["stage", "function"]]]);
    expect(lineOf(FIELDS, { stage: "dev" }).line).toMatchObject({ stage: "dev", function: "http" });
  });

  it.each(Object.keys(ERROR_CODES) as ErrorCode[])("counts %s by whose fault it is", (code) => {
    const { line } = lineOf({ ...FIELDS, outcome: "error", code }, {});
    const isServerError = ERROR_CODES[code].status >= 500;
    const isHuaweis = /^UPSTREAM_(?!MISCONFIGURED|THROTTLED)/.test(code);
    expect(line).toMatchObject({
      requests: 1,
      server_errors: isServerError ? 1 : 0,
      our_errors: isServerError && !isHuaweis ? 1 : 0,
    });
  });

  it("is not taken where nothing is deployed", () => {
    const { line } = lineOf(FIELDS, { stage: null });
    expect(line).toMatchObject({ message: "request", lookups: 1 });
    expect(line).not.toHaveProperty("_aws");
  });

  it("is written whatever the level, since the dashboards live on it", () => {
    expect(lineOf(FIELDS, { level: "error" }).line.message).toBe("request");
  });
});
