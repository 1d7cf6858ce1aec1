import type { Context } from "aws-lambda";
import { type Composition, compose } from "./service.ts";

type CreateFunction = (composition: Composition) => (event: unknown, context: Context) => Promise<unknown>;

/** What is asked of the `http` function. */
export const HTTP_QUESTION = {
  version: "2.0",
  routeKey: "GET /v1/desktops/{desktop_id}/unbindings",
  rawPath: "/v1/desktops/rehearsal/unbindings",
  rawQueryString: "limit=1",
  headers: { accept: "application/json" },
  requestContext: { http: { method: "GET" }, stage: "$default" },
};

/** What is asked of the `invoke` function. */
export const INVOKE_QUESTION = { desktop_id: "rehearsal", limit: 1 };

/** Until then the name is resolved and the connection is made, so that the handshake is the other side's to go on with. */
const HEAD_START_MS = 3;

const SECRET = JSON.stringify({
  access_key: "rehearsal",
  secret_key: "rehearsal",
  project_id: "rehearsal",
  endpoint: "https://rehearsal.invalid",
});

const ANSWER = JSON.stringify({
  desktop_detach_infos: [{ desktop_id: "rehearsal", detach_time: "2026-01-01T00:00:00:000000Z" }],
});

/**
 * Puts one question to a second composition during init, with stand-ins for the world: no request goes out, no line is
 * written, nothing is kept. What has run once is compiled, so that the first call takes half the time; and init, which
 * has a whole CPU, waits for the network meanwhile. Never fails.
 */
export async function rehearse(createFunction: CreateFunction, question: object): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, HEAD_START_MS));
  const composition = compose(
    { WORKSPACE_SECRET_ID: "rehearsal", STAGE: "rehearsal" },
    {
      fetchSecret: async () => SECRET,
      send: async () => ({ status: 200, headers: {}, body: Buffer.from(ANSWER) }),
      write: () => {},
    },
  );
  // Whatever goes wrong, it is the real question's to tell.
  await createFunction(composition)(question, { awsRequestId: "rehearsal" } as Context).catch(() => {});
}
