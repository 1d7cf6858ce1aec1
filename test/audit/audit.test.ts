import { mkdtemp, rm } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { createAuditFunction } from "../../src/audit/audit-function.ts";
import { type LogLine, portionsOf } from "../../src/audit/log-batch.ts";
import { bundle } from "../../tools/bundle.ts";

const LOG_GROUP = "workspace-unbindings-prod-AuditTrail-1A2B3C";
const SOURCE = {
  logGroup: "/aws/lambda/workspace-unbindings-prod-http",
  logStream: "2026/11/24/[$LATEST]0a1b2c",
};
const STREAM = "workspace-unbindings-prod-http/2026/11/24/[$LATEST]0a1b2c";
const LINES = [
  {
    timestamp: 1_795_500_000_000,
    message: '{"message":"audit","caller":"arn:aws:iam::111122223333:role/one"}',
  },
  {
    timestamp: 1_795_500_000_001,
    message: '{"message":"audit","caller":"arn:aws:iam::111122223333:role/two"}',
  },
];

/** What CloudWatch Logs hands to a subscribed function. */
function subscribed(content: object) {
  return { awslogs: { data: gzipSync(JSON.stringify(content)).toString("base64") } };
}

function lines(logEvents: readonly LogLine[]) {
  return subscribed({ messageType: "DATA_MESSAGE", ...SOURCE, logEvents });
}

describe("the function audit, as it is built", () => {
  let folder: string;
  let handler: (event: unknown) => Promise<void>;
  /** What was asked of CloudWatch Logs, and what it answers next. */
  const asked: { action: string; input: Record<string, unknown> }[] = [];
  const answers: { status: number; body: object }[] = [];

  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    asked.push({
      action: String(request.headers["x-amz-target"]).replace("Logs_20140328.", ""),
      input: JSON.parse(body),
    });
    const answer = answers.shift() ?? { status: 200, body: {} };
    response.writeHead(answer.status, { "content-type": "application/x-amz-json-1.1" });
    response.end(JSON.stringify(answer.body));
  });
  const fails = (name: string, status = 400) => ({ status, body: { __type: name, message: name } });

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "audit-"));
    await bundle("handlers/audit.ts", folder);
    await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
    vi.stubEnv(
      "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS",
      `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    );
    vi.stubEnv("AWS_REGION", "eu-central-1");
    vi.stubEnv("AWS_ACCESS_KEY_ID", "MADEUP");
    vi.stubEnv("AWS_SECRET_ACCESS_KEY", "made-up");
    vi.stubEnv("AUDIT_LOG_GROUP", LOG_GROUP);
    ({ handler } = await import(pathToFileURL(join(folder, "index.mjs")).href));
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  beforeEach(() => {
    asked.length = 0;
    answers.length = 0;
  });
  afterEach(() => expect(answers).toEqual([]));

  const put = {
    action: "PutLogEvents",
    input: { logGroupName: LOG_GROUP, logStreamName: STREAM, logEvents: LINES },
  };
  const create = { action: "CreateLogStream", input: { logGroupName: LOG_GROUP, logStreamName: STREAM } };

  it("copies the lines as they are, in order of time, into a stream named after who wrote them", async () => {
    await handler(lines(LINES.toReversed()));
    expect(asked).toEqual([put]);
  });

  it("makes the stream when it is first written to", async () => {
    answers.push(fails("ResourceNotFoundException"), { status: 200, body: {} }, { status: 200, body: {} });
    await handler(lines(LINES));
    expect(asked).toEqual([put, create, put]);
  });

  it("writes into a stream that another container made at the same moment", async () => {
    answers.push(fails("ResourceNotFoundException"), fails("ResourceAlreadyExistsException"), {
      status: 200,
      body: {},
    });
    await handler(lines(LINES));
    expect(asked).toEqual([put, create, put]);
  });

  it("fails when the log group is gone, so that Lambda keeps the lines", async () => {
    answers.push(fails("ResourceNotFoundException"), fails("ResourceNotFoundException"));
    await expect(handler(lines(LINES))).rejects.toThrow("ResourceNotFoundException");
  });

  it("fails when it may not write", async () => {
    answers.push(fails("AccessDeniedException"));
    await expect(handler(lines(LINES))).rejects.toThrow("AccessDeniedException");
  });

  it("fails when CloudWatch takes the call and rejects a line", async () => {
    answers.push({ status: 200, body: { rejectedLogEventsInfo: { tooOldLogEventEndIndex: 1 } } });
    await expect(handler(lines(LINES))).rejects.toThrow("tooOldLogEventEndIndex");
  });

  it("answers CloudWatch's question whether anybody is there, and copies nothing", async () => {
    await handler(
      subscribed({ messageType: "CONTROL_MESSAGE", logEvents: [{ timestamp: 1, message: "hello" }] }),
    );
    expect(asked).toEqual([]);
  });
});

describe("an event that is none of a log subscription", () => {
  const bomb = { awslogs: { data: gzipSync(Buffer.alloc(40 * 1024 * 1024)).toString("base64") } };
  it.each([
    ["null", null],
    ["an empty object", {}],
    ["no gzip", { awslogs: { data: "aGVsbG8=" } }],
    ["another message", subscribed({ messageType: "OTHER", logEvents: [] })],
    ["no lines", subscribed({ messageType: "DATA_MESSAGE" })],
    ["one that unpacks to more than any", bomb],
  ])("is thrown: %s", async (_, event) => {
    const write = vi.fn();
    await expect(createAuditFunction(write)(event)).rejects.toThrow();
    expect(write).not.toHaveBeenCalled();
  });
});

describe("portions", () => {
  const line = fc.record({
    timestamp: fc.integer({ min: 0, max: 200_000_000 }),
    message: fc.string({ unit: "grapheme", minLength: 1, maxLength: 20 }).map((text) => text.repeat(3000)),
  });

  it("hold every line once, in order of time, within what CloudWatch Logs takes in one call", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 60 }), (given) => {
        const portions = portionsOf(given);
        const byTime = given.toSorted((one, other) => one.timestamp - other.timestamp);
        expect(portions.flat()).toEqual(byTime);
        for (const portion of portions) {
          const bytes = portion.reduce((sum, { message }) => sum + Buffer.byteLength(message) + 26, 0);
          expect(bytes).toBeLessThanOrEqual(1_048_576);
          const times = portion.map(({ timestamp }) => timestamp);
          expect(Math.max(...times) - Math.min(...times)).toBeLessThan(86_400_000);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("have at most 10,000 lines, and as few portions as that takes", () => {
    const many = Array.from({ length: 20_001 }, (_, timestamp) => ({ timestamp, message: "x" }));
    expect(portionsOf(many).map(({ length }) => length)).toEqual([10_000, 10_000, 1]);
    expect(portionsOf([])).toEqual([]);
  });
});
