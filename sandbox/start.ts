import { join } from "node:path";
import { createConsoleFunction } from "../src/console/console-function.ts";
import { createDocsFunction } from "../src/docs/docs-function.ts";
import { createLog } from "../src/observe/log.ts";
import { BadSetup } from "./bad-setup.ts";
import { banner } from "./banner.ts";
import { tellLateChannels } from "./chat/late-channels.ts";
import { createFleet } from "./fleet.ts";
import { consoleFunction, type GatewayFunction, serveGateway } from "./gateway.ts";
import type { Serving } from "./serve.ts";
import { readSetup, type Setup } from "./setup.ts";
import { createJwtAuthorizer, type JwtAuthorizer } from "./sign-in/jwt-authorizer.ts";
import { AUDIENCE, CLIENT_ID, SCOPES } from "./sign-in/names.ts";
import { environmentFor, openStandIns, type StandIns } from "./stand-ins.ts";
import { openWatch } from "./watch/watching.ts";

/**
 * `npm start`: the real handlers on this machine, in front of the sandbox or, with credentials, of the real cloud.
 *
 * @param servings Takes what was opened, so that it can be closed however far this came.
 */
async function start(servings: Serving[]): Promise<void> {
  const opened = (serving: Serving): Serving => {
    servings.push(serving);
    return serving;
  };
  const setup = await readSetup(process.env);
  const { port } = setup;
  const fleet = createFleet(Date.now());
  const say = (line: string) => process.stdout.write(`watch: ${line}\n`);
  const watch = setup.source.kind === "sandbox" ? await openWatch({ fleet, port, opened, say }) : null;
  const standIns = await openStandIns(setup, fleet, loadWorker, opened, watch);
  for (const [name, value] of Object.entries(environmentFor(setup, standIns, process.env))) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  // Whoever runs it on a machine of their own, with a secret of their own, may use all that is in it.
  process.env["ACCESS_POLICY"] ||= '[{ "profiles": ["*"] }]';

  let consolePort = String(port);
  const issuer = process.argv.includes("--sign-in") ? await openProvider(opened, () => consolePort) : null;
  const functions = [...(watch?.functions ?? []), ...(await loadFunctions(setup, standIns, issuer))];
  const authorize: { authorize?: JwtAuthorizer } =
    issuer === null ? {} : { authorize: createJwtAuthorizer({ issuer, audience: [AUDIENCE] }) };
  const gateway = opened(await serveGateway({ functions, port, ...authorize }).catch(explainPort(port)));
  consolePort = new URL(gateway.url).port;
  process.stdout.write(banner({ setup, fleet, port: consolePort, standIns, issuer, watch }));
  if (watch) opened(watch.begin());
}

/** `--sign-in`: a provider of our own, and the console as it is on AWS. @returns The issuer. */
async function openProvider(opened: (serving: Serving) => Serving, port: () => string): Promise<string> {
  // The provider is a second of every start, so it is loaded by those that want it.
  const { serveProvider } = await import("./sign-in/provider.ts");
  const consoles = () => ["localhost", "127.0.0.1"].map((host) => `http://${host}:${port()}/`);
  return opened(await serveProvider({ consoles })).url;
}

const DIST = join(import.meta.dirname, "../dist");
const DOCS_PATH = /^\/(?:docs(?:\/|$)|v1\/openapi\.json$)/;

/** A handler reads the environment when it is loaded, as on Lambda: it is loaded once that is complete. */
async function loadFunctions(
  { chat }: Setup,
  standIns: StandIns,
  issuer: string | null,
): Promise<GatewayFunction[]> {
  const http = await import("../handlers/http.ts");
  const log = createLog({ level: "info" });
  const docs = createDocsFunction({ assets: join(DIST, "docs"), log });
  const env =
    issuer === null ? {} : { CONSOLE_ISSUER: issuer, CONSOLE_CLIENT_ID: CLIENT_ID, CONSOLE_SCOPES: SCOPES };
  return [
    consoleFunction(createConsoleFunction({ assets: join(DIST, "console"), env, log })),
    { name: "docs", isPublic: true, matches: (_, path) => DOCS_PATH.test(path), handler: docs },
    ...(chat ? await loadChat(standIns) : []),
    { name: "http", matches: () => true, handler: http.handler },
  ];
}

async function loadChat({ lateChannels }: StandIns): Promise<GatewayFunction[]> {
  const { handler } = await import("../handlers/chat.ts");
  const chat: GatewayFunction = {
    name: "chat",
    isPublic: true,
    matches: (_, path) => path.startsWith("/chat/"),
    handler,
  };
  return lateChannels === undefined ? [chat] : [chat, tellLateChannels(lateChannels)];
}

async function loadWorker() {
  return (await import("../handlers/chat-worker.ts")).handler;
}

function explainPort(port: number) {
  return (error: NodeJS.ErrnoException): never => {
    if (error.code === "EADDRINUSE") {
      throw new BadSetup(`Port ${port} is taken. Choose another one: PORT=3001 npm start`);
    }
    if (error.code === "EACCES") throw new BadSetup(`Port ${port} may not be opened by this user.`);
    throw error;
  };
}

const servings: Serving[] = [];
const stop = async () => {
  await Promise.all(servings.map((serving) => serving.close()));
  process.exit();
};
process.once("SIGINT", stop).once("SIGTERM", stop);

// npm hands a SIGTERM to the shell between it and us, and that shell dies of it without a word: so we look whether
// it is still there. https://github.com/npm/cli/issues/5776
const PARENT_LOOK_MS = 250;
const parent = process.ppid;
if (process.env["npm_lifecycle_event"] === "start") {
  setInterval(() => process.ppid !== parent && stop(), PARENT_LOOK_MS).unref();
}

try {
  await start(servings);
} catch (error) {
  if (!(error instanceof BadSetup)) throw error;
  process.stderr.write(`npm start: ${error.message}\n`);
  process.exitCode = 1;
  await Promise.all(servings.map((serving) => serving.close()));
}
