import { createSocket } from "node:dgram";
import { once } from "node:events";
import { afterEach, describe, expect, it } from "vitest";
import { withSubsegments } from "../../src/observe/subsegment.ts";
import { xrayTraceId } from "../../src/observe/xray.ts";
import { subsegmentOf } from "../../src/observe/xray-daemon.ts";
import { anApi, UNBINDINGS } from "../support/api.ts";

const ROOT = "1-67891233-abcdef012345678912345678";
const SAMPLED = `Root=${ROOT};Parent=53995c3f42cd8ad8;Sampled=1;Lineage=1:a:0`;
const REQUEST = { endpoint: { origin: "https://huawei.example", hostname: "huawei.example" }, method: "GET" };

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** What becomes of one request, and the documents that the daemon is sent. */
async function traced(header: string | undefined, answer: () => Promise<{ status: number }>) {
  const documents: Record<string, unknown>[] = [];
  let time = 1000;
  const send = withSubsegments<typeof REQUEST, { status: number }>(
    async () => {
      time += 250;
      return await answer();
    },
    {
      env: { _X_AMZN_TRACE_ID: header, AWS_XRAY_DAEMON_ADDRESS: "127.0.0.1:2000" },
      wallNow: () => time,
      connect:
        async () =>
        (...told) =>
          documents.push(JSON.parse(subsegmentOf(...told))),
    },
  );
  const outcome = await send(REQUEST).catch((error: Error) => error.message);
  return { outcome, documents };
}

describe("the X-Ray trace in a request's line", () => {
  it("is the invocation's, read anew each time", async () => {
    const env: Record<string, string> = {};
    const api = anApi({ env });
    await api.ask(UNBINDINGS);
    expect(api.lines.at(-1)).not.toHaveProperty("xray_trace_id");
    expect(xrayTraceId({ _X_AMZN_TRACE_ID: SAMPLED })).toBe(ROOT);
    expect(xrayTraceId({ _X_AMZN_TRACE_ID: "nonsense" })).toBeNull();
    const traced = anApi({ env: { _X_AMZN_TRACE_ID: SAMPLED } });
    await traced.ask(UNBINDINGS);
    expect(traced.lines.at(-1)).toMatchObject({ xray_trace_id: ROOT });
  });
});

describe("a call to Huawei in a sampled invocation", () => {
  it("is a subsegment of the invocation, without a path", async () => {
    const { outcome, documents } = await traced(SAMPLED, async () => ({ status: 200 }));
    expect(outcome).toEqual({ status: 200 });
    expect(documents).toEqual([
      {
        type: "subsegment",
        trace_id: ROOT,
        parent_id: "53995c3f42cd8ad8",
        id: expect.stringMatching(/^[0-9a-f]{16}$/),
        name: "huawei.example",
        namespace: "remote",
        start_time: 1,
        end_time: 1.25,
        fault: false,
        error: false,
        throttle: false,
        http: { request: { method: "GET", url: "https://huawei.example" }, response: { status: 200 } },
      },
    ]);
  });

  it.each([
    [404, { fault: false, error: true, throttle: false }],
    [429, { fault: false, error: true, throttle: true }],
    [503, { fault: true, error: false, throttle: false }],
  ])("tells of a %i what it was", async (status, marks) => {
    const { documents } = await traced(SAMPLED, async () => ({ status }));
    expect(documents[0]).toMatchObject(marks);
  });

  it("tells of a call without an answer, whose error is nobody else's", async () => {
    const { outcome, documents } = await traced(SAMPLED, async () => {
      throw new Error("reset");
    });
    expect(outcome).toBe("reset");
    expect(documents[0]).toMatchObject({ fault: true });
    expect(documents[0]?.["http"]).not.toHaveProperty("response");
  });

  it("is answered all the same when there is no way to the daemon", async () => {
    const send = withSubsegments(async (_: typeof REQUEST) => ({ status: 200 }), {
      env: { _X_AMZN_TRACE_ID: SAMPLED, AWS_XRAY_DAEMON_ADDRESS: "nowhere" },
      wallNow: () => 0,
    });
    expect(await send(REQUEST)).toEqual({ status: 200 });
  });

  it("reaches the daemon as a datagram of its protocol", async () => {
    const daemon = createSocket("udp4");
    closers.push(() => daemon.close());
    daemon.bind(0, "127.0.0.1");
    await once(daemon, "listening");
    const heard = once(daemon, "message");
    const send = withSubsegments(async (_: typeof REQUEST) => ({ status: 200 }), {
      env: { _X_AMZN_TRACE_ID: SAMPLED, AWS_XRAY_DAEMON_ADDRESS: `127.0.0.1:${daemon.address().port}` },
      wallNow: () => 0,
    });
    await send(REQUEST);
    const [message] = (await heard) as [Buffer];
    const [header, document] = message.toString("utf8").split("\n");
    expect(JSON.parse(header ?? "")).toEqual({ format: "json", version: 1 });
    expect(JSON.parse(document ?? "")).toMatchObject({
      trace_id: ROOT,
      id: expect.stringMatching(/^[0-9a-f]{16}$/),
    });
  });
});

describe("a call to Huawei in any other invocation", () => {
  it.each([undefined, "nonsense", SAMPLED.replace("Sampled=1", "Sampled=0")])(
    "is told nobody: %s",
    async (header) => {
      const { outcome, documents } = await traced(header, async () => ({ status: 200 }));
      expect(outcome).toEqual({ status: 200 });
      expect(documents).toEqual([]);
    },
  );
});
