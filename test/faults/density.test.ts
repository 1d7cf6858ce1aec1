import { type ChildProcess, fork } from "node:child_process";
import { gzipSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import type { Measured } from "./support/dense-probe.ts";
import { chanceOf } from "./support/random.ts";
import { answer, serveUpstream } from "./support/upstream.ts";

const MAX_BYTES = 8 * 1024 * 1024;
/** A second is what is promised on a quiet machine (`npm run bench` measures it); two shared cores may count several times that. */
const MAX_CPU_MS = 4000;

let container: ChildProcess | undefined;
afterEach(() => void container?.kill());

/** A container with that much heap, in front of an upstream that sends those bodies by the desktop's ID. */
async function startContainer(heapMb: number, bodies: Readonly<Record<string, () => Buffer>>) {
  const packed = new Map(Object.entries(bodies).map(([id, make]) => [id, gzipSync(make(), { level: 1 })]));
  const upstream = await serveUpstream((socket, heard) => {
    const [, id = ""] = /desktops\/([\w-]+)\//.exec(heard.path) ?? [];
    answer(200, packed.get(id), { "content-encoding": "gzip" })(socket, heard);
  });
  const probe = fork(new URL("support/dense-probe.ts", import.meta.url), [upstream.origin], {
    execArgv: [`--max-old-space-size=${heapMb}`],
    stdio: ["ignore", "inherit", "ignore", "ipc"],
  });
  container = probe;
  return (asked: string | readonly string[]) =>
    new Promise<Measured>((resolve, reject) => {
      const onExit = (code: number | null, signal: string | null) =>
        reject(new Error(`${asked}: the process died (${code ?? signal})`));
      probe.once("exit", onExit);
      probe.once("message", (measured) => {
        probe.off("exit", onExit);
        resolve(measured as Measured);
      });
      probe.send(typeof asked === "string" ? `/v1/desktops/${asked}/unbindings` : [...asked]);
    });
}

/** As many as there is room for, each made by its number. */
function filled(make: (index: number) => string, before: string, after: string): Buffer {
  const parts: string[] = [];
  let length = before.length + after.length;
  for (let index = 0; ; index++) {
    const part = make(index);
    length += part.length + 1;
    if (length > MAX_BYTES) break;
    parts.push(part);
  }
  return Buffer.from(before + parts.join(",") + after);
}

const listOf = (make: (index: number) => string, beside = "") =>
  filled(make, '{"desktop_detach_infos":[', `]${beside}}`);

const HOSTILE: Readonly<Record<string, () => Buffer>> = {
  "empty-rows": () => listOf(() => "{}"),
  "empty-rows-and-a-long-number": () => listOf(() => "{}", ',"x":12345678901234567890'),
  "empty-lists": () => listOf(() => "[]"),
  "long-numbers": () => listOf(() => "12345678901234567890"),
  "numbers-beyond-bounds": () => listOf(() => "1e400"),
  "many-numbers": () => listOf(() => "1"),
  "many-texts": () => listOf((index) => `"${index.toString(36)}"`),
  "many-keys-in-a-row": () =>
    filled((index) => `"${index.toString(36)}":1`, '{"desktop_detach_infos":[{', "}]}"),
  "many-keys-at-the-top": () =>
    filled((index) => `"${index.toString(36)}":1`, '{"desktop_detach_infos":[],', "}"),
  "keys-within-the-bounds": () =>
    filled(
      (index) => `"${index.toString(36).padStart(22, "k")}":1`,
      '{"desktop_detach_infos":[],"error":1,',
      "}",
    ),
  "texts-within-the-bounds": () => listOf((index) => `"${index.toString(36).padStart(24, "t")}"`),
  "many-words-of-errors": () =>
    filled((index) => `"error${index.toString(36)}":""`, '{"desktop_detach_infos":[],', "}"),
  "deep-lists": () => Buffer.from(`{"desktop_detach_infos":${"[".repeat(290_000)}${"]".repeat(290_000)}}`),
  "a-huge-code": () => Buffer.from(`{"error_code":"${"A".repeat(MAX_BYTES - 100)}"}`),
  "a-huge-message": () => filled(() => '"error_msg":"access_key access key :  ="', "{", "}"),
  backslashes: () => Buffer.from(`{"x":1e400,"desktop_detach_infos":[0],"y":"${"\\\\".repeat(4_000_000)}"}`),
  "huge-integers-as-doubles": () =>
    listOf((index) =>
      index < 20_000 ? '{"user_id":1e308,"user_name":1e307,"type":1e306,"detach_time":1e305}' : "{}",
    ),
};

const row = (index: number, name = "alice") =>
  JSON.stringify({
    desktop_id: "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55",
    desktop_name: "WIN-ALICE",
    user_id: `user-${index}`,
    user_name: name,
    user_group: "administrators",
    type: "USER",
    detach_time: `2026-02-${10 + (index % 19)}T08:15:30:599000Z`,
  });

describe("an answer within 8 MiB, under a heap of 200 MB", () => {
  it("neither kills the process nor keeps it long, whatever it consists of", async () => {
    const ask = await startContainer(200, HOSTILE);
    for (const id of Object.keys(HOSTILE)) {
      const { status, code, cpuMs } = await ask(id);
      expect({ id, status, code }).toMatchObject({
        id,
        status: 502,
        code: expect.stringMatching(/^UPSTREAM_/),
      });
      expect(cpuMs, id).toBeLessThan(MAX_CPU_MS);
    }
  }, 180_000);

  it("is read when it is large and good: up to 20,000 rows", async () => {
    const ask = await startContainer(200, {
      full: () =>
        Buffer.from(`{"desktop_detach_infos":[${Array.from({ length: 20_000 }, (_, index) => row(index))}]}`),
      "too-full": () =>
        Buffer.from(`{"desktop_detach_infos":[${Array.from({ length: 20_001 }, (_, index) => row(index))}]}`),
    });
    expect(await ask("full")).toMatchObject({ status: 200, total: 20_000 });
    expect(await ask("too-full")).toMatchObject({ status: 502, code: "UPSTREAM_INVALID_RESPONSE" });
  });

  it("is refused or read, and never more, when it is made up at random", async () => {
    const { below, pick } = chanceOf(20_261_124);
    const units = [
      "{}",
      "[]",
      "[{}]",
      '""',
      '"a"',
      "null",
      "1",
      "1.5",
      "-0",
      "1e400",
      "12345678901234567890",
      '{"user_id":1}',
    ];
    const made: Record<string, () => Buffer> = {};
    for (let index = 0; index < 12; index++) {
      const mix = Array.from({ length: 1 + below(4) }, () => pick(units));
      const beside = pick(["", ',"x":12345678901234567890', ',"error_code":null', ',"total":3']);
      made[`random-${index}`] = () => listOf((at) => mix[at % mix.length] as string, beside);
    }
    const ask = await startContainer(200, made);
    for (const id of Object.keys(made)) {
      const { status, cpuMs } = await ask(id);
      expect({ id, status }).toEqual({ id, status: 502 });
      expect(cpuMs, id).toBeLessThan(MAX_CPU_MS);
    }
  }, 180_000);
});

describe("answers that are kept", () => {
  it("do not add up beyond the heap: 24 desktops with a name of 7 MB each, under 100 MB", async () => {
    const ids = Array.from({ length: 24 }, (_, index) => `d${index}`);
    const body = Buffer.from(`{"desktop_detach_infos":[${row(0, "x".repeat(7_000_000))}]}`);
    const ask = await startContainer(100, Object.fromEntries(ids.map((id) => [id, () => body])));
    for (const id of ids) expect((await ask(id)).status, id).toBe(200);
  }, 120_000);
});

describe("a batch", () => {
  it.each([
    ["a name of 7 MB each", () => `{"desktop_detach_infos":[${row(0, "x".repeat(7_000_000))}]}`],
    [
      "7 MB of rows each",
      () =>
        `{"desktop_detach_infos":[${Array.from({ length: 50 }, (_, at) => row(at, "x".repeat(140_000)))}]}`,
    ],
  ])(
    "of 60 desktops is answered whole, though they have %s, under 200 MB",
    async (_, make) => {
      const ids = Array.from({ length: 60 }, (_, index) => `d${index}`);
      const body = Buffer.from(make());
      const ask = await startContainer(200, Object.fromEntries(ids.map((id) => [id, () => body])));
      expect(await ask(ids)).toMatchObject({ status: 200, succeeded: 60 });
    },
    120_000,
  );
});
