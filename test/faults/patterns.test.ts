import { afterEach, describe, expect, it } from "vitest";
import { cpuMsOf } from "../support/cpu.ts";
import { leaveNothingBehind } from "./support/left-behind.ts";
import { type Question, ROWS, setUp } from "./support/service.ts";
import { answer } from "./support/upstream.ts";

afterEach(leaveNothingBehind);

const LENGTH = 64 * 1024;
/** 50 ms is what is promised; a shared machine may count several times that, an exponential pattern takes hours. */
const MAX_CPU_MS = 1000;

/** What patterns over headers, queries and bodies stumble over, each as often as fits. */
const PARTS = [
  "; ",
  ";charset=utf-8",
  " ",
  "\t",
  ",",
  "a,",
  '"',
  "\\",
  "/",
  "../",
  "%",
  "%25",
  "+",
  "=",
  "&",
  "0",
  "1d",
  "-",
  "*/*;q=0.1,",
];
const filled = (part: string, end: string) => part.repeat(Math.floor((LENGTH - 200) / part.length)) + end;

const PLACES: Readonly<Record<string, (text: string) => Question>> = {
  "a content type": (text) => ({
    method: "POST",
    path: "/v1/unbindings/query",
    headers: { "content-type": `application/json${text}` },
    body: '{"desktop_ids":["d1"]}',
  }),
  "a body": (text) => ({
    method: "POST",
    path: "/v1/unbindings/query",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ desktop_ids: ["d1"], since: text.slice(0, LENGTH / 2) }).slice(0, LENGTH),
  }),
  "what is accepted": (text) => ({ headers: { accept: text } }),
  "a tag": (text) => ({ headers: { "if-none-match": text } }),
  "a trace": (text) => ({ headers: { traceparent: `00-${text}`, "x-request-id": text, origin: text } }),
  "a bound": (text) => ({ query: `since=${encodeURIComponent(text).slice(0, LENGTH)}` }),
  "a user": (text) => ({ query: `user=${encodeURIComponent(text).slice(0, LENGTH)}` }),
  "a query": (text) => ({ query: text }),
  "a path": (text) => ({ path: `/v1/desktops/${text}/unbindings` }),
};

describe("64 kB that are built to make a pattern slow", () => {
  it.each(Object.entries(PLACES))("are answered quickly as %s", async (_, put) => {
    const { ask } = await setUp({ upstream: answer(200, ROWS) });
    await ask();
    for (const part of PARTS) {
      for (const end of ["", "x", "!"]) {
        const question = put(filled(part, end));
        const cpuMs = await cpuMsOf(async () => expect((await ask(question)).status, part).toBeLessThan(500));
        expect(cpuMs, part).toBeLessThan(MAX_CPU_MS);
      }
    }
  });
});
