import type { Context } from "aws-lambda";
import { compose } from "../../../src/compose/service.ts";
import { createHttpFunction } from "../../../src/http/http-function.ts";
import { SECRET } from "./secrets.ts";

/** What one question came to. */
export interface Measured {
  status: number;
  code: string | null;
  total: number | null;
  /** Of a batch. */
  succeeded: number | null;
  /** Of this process alone, user and system. */
  cpuMs: number;
}

/**
 * A container with a small heap (the parent says how small), which answers one question for each path that it is sent and
 * measures its own CPU time. Dead, it answers nothing: the parent sees it exit.
 */
const handler = createHttpFunction(
  compose(
    {
      WORKSPACE_SECRET_ID: "workspace/test",
      WORKSPACE_ENDPOINT: process.argv[2],
      RESULT_TTL_SECONDS: "3600",
    },
    { fetchSecret: async () => JSON.stringify(SECRET), write: () => undefined },
  ),
);

/** A path is asked with GET, the desktops of a batch with POST. */
process.on("message", async (asked: string | readonly string[]) => {
  const before = process.cpuUsage();
  const { statusCode, body } = await handler(
    typeof asked === "string"
      ? {
          version: "2.0",
          rawPath: asked,
          rawQueryString: "limit=1000",
          requestContext: { http: { method: "GET" } },
        }
      : {
          version: "2.0",
          rawPath: "/v1/unbindings/query",
          headers: { "content-type": "application/json" },
          requestContext: { http: { method: "POST" } },
          body: JSON.stringify({ desktop_ids: asked, limit: 50 }),
        },
    {} as Context,
  );
  const { user, system } = process.cpuUsage(before);
  const { code = null, total = null, succeeded = null } = JSON.parse(body);
  const measured: Measured = { status: statusCode, code, total, succeeded, cpuMs: (user + system) / 1000 };
  process.send?.(measured);
});
