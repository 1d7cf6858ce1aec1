import type { Context } from "aws-lambda";
import { compose } from "../../../src/compose/service.ts";
import { createHttpFunction } from "../../../src/http/http-function.ts";
import { SECRET } from "./secrets.ts";

/** What one question came to. */
export interface Measured {
  status: number;
  code: string | null;
  total: number | null;
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

process.on("message", async (rawPath: string) => {
  const before = process.cpuUsage();
  const { statusCode, body } = await handler(
    {
      version: "2.0",
      rawPath,
      rawQueryString: "limit=1000",
      requestContext: { http: { method: "GET" } },
    },
    {} as Context,
  );
  const { user, system } = process.cpuUsage(before);
  const { code = null, total = null } = JSON.parse(body);
  const measured: Measured = { status: statusCode, code, total, cpuMs: (user + system) / 1000 };
  process.send?.(measured);
});
