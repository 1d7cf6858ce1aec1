import { join } from "node:path";
import { composeWatch } from "../../src/compose/watch.ts";
import { createWatchFunction, type WatchAnswer } from "../../src/watch/watch-function.ts";
import { type Project, unbindFrom } from "../fleet.ts";
import type { GatewayFunction } from "../gateway.ts";
import { lambdaContext } from "../lambda-context.ts";
import type { Serving } from "../serve.ts";
import { LOCAL_LEDGER, serveLedger } from "./ledger-table.ts";
import { serveReceivers } from "./receivers.ts";

/** The name under which the local Secrets Manager knows the watch secret. */
export const LOCAL_WATCH_SECRET_ID = "workspace-unbindings/local-watch";

export const UNBIND_PATH = "/sandbox/unbind";
export const WATCH_PATH = "/sandbox/watch";

const EVERY_MS = 10_000;
const RUN_MS = 60_000;

export interface WatchSandbox {
  functions: readonly GatewayFunction[];
  receivers: string;
  /** Where the ledger is kept; `null` for as long as it runs. */
  folder: string | null;
  /** Runs every few seconds from now on. */
  begin(): Serving;
}

export interface WatchingParts {
  fleet: readonly Project[];
  /** 0 for any: then nothing is kept. */
  port: number;
  /** Takes what was opened. */
  opened: (serving: Serving) => Serving;
  /** Tells whoever looks on. */
  say: (line: string) => void;
}

/** The stand-ins that the watch tells, and the table that it writes to. */
export async function openWatch({ fleet, port, opened, say }: WatchingParts): Promise<WatchSandbox> {
  const folder = port === 0 ? null : join(".sandbox", `ledger-${port}`);
  const receivers = opened(
    await serveReceivers(({ channel, summary }) => say(`told ${channel}: ${summary}`)),
  );
  let handler: Promise<(event: unknown) => Promise<WatchAnswer>> | undefined;

  /** By the first run the environment is complete, and the port ours: nobody else has the ledger's folder open. */
  async function open() {
    return openHandler(receivers.url, opened(await serveLedger(folder)).url);
  }

  async function run(): Promise<WatchAnswer> {
    handler ??= open();
    return await (await handler)({});
  }

  return {
    receivers: receivers.url,
    folder,
    functions: [
      {
        name: "unbind",
        // Whoever is on this machine may play with the sandbox, with --sign-in as well.
        isPublic: true,
        matches: (method, path) => method === "POST" && path === UNBIND_PATH,
        handler: async (event) => {
          const { desktop, user } = JSON.parse((event as { body?: string }).body ?? "{}");
          return { is_unbound: unbindFrom(fleet, String(desktop), String(user), Date.now()) };
        },
      },
      {
        name: "watch",
        isPublic: true,
        matches: (method, path) => method === "POST" && path === WATCH_PATH,
        handler: run,
      },
    ],
    begin() {
      let isOver = false;
      let timer: NodeJS.Timeout | undefined;
      const next = async () => {
        await run().catch((error: Error) => say(`failed: ${error.name}`));
        if (!isOver) timer = setTimeout(next, EVERY_MS);
      };
      timer = setTimeout(next, 0);
      return {
        url: "",
        async close() {
          isOver = true;
          clearTimeout(timer);
        },
      };
    },
  };
}

function openHandler(receivers: string, ledger: string): (event: unknown) => Promise<WatchAnswer> {
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: ledger,
    AWS_ENDPOINT_URL_EVENTBRIDGE: receivers,
  });
  const environment = {
    ...process.env,
    LEDGER_TABLE: LOCAL_LEDGER,
    WATCH_SECRET_ID: LOCAL_WATCH_SECRET_ID,
    WATCH_EVENT_BUS: "sandbox",
    CHAT_REPLY_HOSTS: new URL(receivers).host,
  };
  // A line for each run would hide everything else.
  const composition = composeWatch(environment, { write: () => undefined });
  const watch = createWatchFunction(composition);
  return (event) => watch(event, lambdaContext("watch", RUN_MS));
}
