import type { Context } from "aws-lambda";
import { compose } from "../../../src/compose/service.ts";
import { createHttpFunction } from "../../../src/http/http-function.ts";
import { SECRET } from "./secrets.ts";

/**
 * Asks the upstream that it is given once, and tells by how much its memory rose at most meanwhile, in megabytes.
 * It is a process of its own, so that nobody else's memory is measured.
 */
async function probe(origin: string): Promise<void> {
  const handler = createHttpFunction(
    compose(
      { WORKSPACE_SECRET_ID: "workspace/test", WORKSPACE_ENDPOINT: origin },
      { fetchSecret: async () => JSON.stringify(SECRET), write: () => undefined },
    ),
  );
  const ask = (desktop: string) =>
    handler(
      {
        version: "2.0",
        rawPath: `/v1/desktops/${desktop}/unbindings`,
        requestContext: { http: { method: "GET" } },
      },
      {} as Context,
    );
  const before = process.memoryUsage.rss();
  const reply = await ask("d1");
  // The highest that it ever was, in kilobytes.
  const highest = process.resourceUsage().maxRSS * 1024;
  const riseMb = (highest - before) / 1_000_000;
  process.send?.({ code: JSON.parse(reply.body).code, riseMb }, () => process.exit());
}

await probe(process.argv[2] as string);
