import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Context } from "aws-lambda";
import { describe, expect, it } from "vitest";
import { HTTP_QUESTION, INVOKE_QUESTION, rehearse } from "../../src/compose/prime.ts";
import type { Composition } from "../../src/compose/service.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";

type CreateFunction = Parameters<typeof rehearse>[0];

/** What the function answered when it was rehearsed. */
async function answerOf(createFunction: CreateFunction, question: object): Promise<unknown> {
  let answer: unknown;
  await rehearse((composition: Composition) => {
    const handler = createFunction(composition);
    return async (event: unknown, context: Context) => {
      answer = await handler(event, context);
    };
  }, question);
  return answer;
}

describe("the rehearsal", () => {
  it("goes all the way from a question to an answer with a row", async () => {
    const { statusCode, body } = (await answerOf(createHttpFunction, HTTP_QUESTION)) as {
      statusCode: number;
      body: string;
    };
    expect(statusCode).toBe(200);
    expect(JSON.parse(body)).toMatchObject({ desktop_id: "rehearsal", count: 1 });
    expect(await answerOf(createInvokeFunction, INVOKE_QUESTION)).toMatchObject({ count: 1 });
  });

  it("never fails, whatever comes of the question", async () => {
    await expect(rehearse(createInvokeFunction, { nonsense: true })).resolves.toBeUndefined();
  });

  it.each(["http", "invoke"])("of %s asks nobody and writes no line", async (name) => {
    let requests = 0;
    const world = createServer((_request, response) => {
      requests += 1;
      response.end();
    });
    await new Promise<void>((resolve) => void world.listen(0, "127.0.0.1", resolve));
    const { port } = world.address() as AddressInfo;
    const child = spawn(process.execPath, [`handlers/${name}.ts`], {
      env: {
        WORKSPACE_SECRET_ID: "s",
        WORKSPACE_ENDPOINT: `http://127.0.0.1:${port}`,
        // Which is not asked before an invocation.
        SECRETS_SOURCE: "extension",
        PARAMETERS_SECRETS_EXTENSION_HTTP_PORT: String(port),
      },
      stdio: ["ignore", "pipe", "inherit"],
    });
    let written = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      written += text;
    });
    const [code] = await once(child, "close");
    world.close();
    expect({ code, written, requests }).toEqual({ code: 0, written: "", requests: 0 });
  });
});
