import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createChatFunction } from "../../src/chat/chat-function.ts";
import { composeChat } from "../../src/compose/chat.ts";
import { createHttpFunction } from "../../src/http/http-function.ts";
import { createInvokeFunction } from "../../src/invoke/invoke-function.ts";
import { CONTEXT, UNBINDINGS } from "../support/api.ts";
import { EVENT_SHAPES, toEvent } from "../support/events.ts";
import { stage, TWO_PROFILES } from "../support/world.ts";

/** What nobody can write as text. */
const TRAPS: readonly unknown[] = [
  { toString: 1 },
  { toString: null, valueOf: null },
  [{ toString: 1 }],
  [[]],
  { a: { b: 1 } },
];

/** Where in an event a gateway writes text. */
const PLACES: Record<string, (junk: unknown) => Record<string, unknown>> = {
  "a header": (junk) => ({ headers: { a: junk } }),
  "a list of headers": (junk) => ({ multiValueHeaders: { a: [junk] } }),
  "the body": (junk) => ({ body: junk }),
};

describe("a forged event", () => {
  it.each(EVENT_SHAPES.flatMap((shape) => Object.keys(PLACES).map((place) => [shape, place] as const)))(
    "of shape %s with junk in %s is a 400 problem in its own form",
    async (shape, place) => {
      // The HTTP API's has no lists of headers, and nobody looks at them.
      const isRead = !(place === "a list of headers" && (shape === "v2" || shape === "function-url"));
      for (const junk of TRAPS.slice(0, 2)) {
        const { composition } = stage();
        const event = { ...toEvent({ path: UNBINDINGS }, shape), ...PLACES[place]?.(junk) };
        const reply = await createHttpFunction(composition)(event, CONTEXT);
        expect(reply.statusCode).toBe(isRead ? 400 : 200);
        if (!isRead) continue;
        expect(JSON.parse(reply.body)).toMatchObject({
          code: "INVALID_REQUEST",
          errors: [{ field: "event", message: "is no HTTP event" }],
        });
        expect(reply.statusDescription).toBe(shape.startsWith("alb") ? "400 Bad Request" : undefined);
      }
    },
  );

  it.each(["X".repeat(100_000), "GET /", "GÉT", ""])(
    "writes no method into the log that is none: %j",
    async (method) => {
      const { composition, log } = stage();
      await createHttpFunction(composition)(toEvent({ method, path: UNBINDINGS }, "v1"), CONTEXT);
      expect(log.at(-1)).toMatchObject({ message: "request", method: "GET", status: 400 });
    },
  );

  it("of whatever kind is answered by every function, and never takes one down", async () => {
    const env = { WORKSPACE_SECRET_ID: "workspace/test", CHAT_SECRET_ID: "chat/test" };
    const keys = {
      slack: { signing_secrets: ["made-up"], allow: "all" },
      webhook: { hub_secrets: ["made-up"] },
    };
    const secret = (id: string) => (id === "chat/test" ? keys : TWO_PROFILES.profiles.prod);
    const { composition, world } = stage({ env, secret });
    const quiet = { ...world, write: () => {} };
    const functions = [
      ["http", createHttpFunction(composition)],
      ["chat", createChatFunction(composeChat(env, quiet))],
    ] as const;
    const invoke = createInvokeFunction(composition);
    const junk = fc.oneof(fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<unknown>, fc.constantFrom(...TRAPS));
    const fields = fc.dictionary(
      fc.constantFrom("a", "accept", "__proto__", "x-request-id", "content-type", "origin"),
      junk,
    );
    const member = fc.oneof(junk, fields);
    const event = fc.oneof(
      junk,
      fc.record(
        Object.fromEntries(
          [
            "version",
            "rawPath",
            "path",
            "httpMethod",
            "rawQueryString",
            "headers",
            "multiValueHeaders",
            "queryStringParameters",
            "multiValueQueryStringParameters",
            "pathParameters",
            "routeKey",
            "resource",
            "requestContext",
            "body",
            "isBase64Encoded",
            "desktop_id",
            "desktop_ids",
            "desktop_name",
            "request_id",
            "limit",
            "fresh",
          ].map((name) => [name, member]),
        ),
        { requiredKeys: [] },
      ),
      // One that is recognised, with some of its members replaced.
      fc
        .tuple(
          fc.constantFrom(...EVENT_SHAPES),
          fc.constantFrom(UNBINDINGS, "/chat/slack", "/chat/teams", "/chat/webhook", "/v1/unbindings/query"),
          fc.dictionary(
            fc.constantFrom(
              "headers",
              "multiValueHeaders",
              "requestContext",
              "body",
              "pathParameters",
              "routeKey",
              "resource",
              "rawQueryString",
              "queryStringParameters",
              "multiValueQueryStringParameters",
            ),
            member,
          ),
        )
        .map(([shape, path, more]) => ({ ...toEvent({ method: "POST", path, body: "{}" }, shape), ...more })),
    );
    await fc.assert(
      fc.asyncProperty(event, async (given) => {
        for (const [name, handler] of functions) {
          const reply = await handler(given, CONTEXT);
          expect(reply.statusCode, name).toBeGreaterThanOrEqual(200);
          // A bug of ours would be a 500; the chat secret of this world is none.
          const code = reply.body.startsWith("{") ? JSON.parse(reply.body).code : undefined;
          expect(code, `${name}: ${reply.body}`).not.toBe("INTERNAL");
        }
        await invoke(given, CONTEXT).catch((error) => {
          expect(error.name).not.toBe("INTERNAL");
          expect(JSON.parse(error.message).code).toBe(error.name);
        });
      }),
      { numRuns: 2000 },
    );
  }, 60_000);
});
