import { readFile } from "node:fs/promises";
import { devNull } from "node:os";
import { join } from "node:path";
import { createDocsFunction } from "../src/docs/docs-function.ts";
import { createLog } from "../src/observe/log.ts";
import { banner } from "./banner.ts";
import { createFleet, workspaceSecretOf } from "./fleet.ts";
import { type GatewayFunction, serveGateway } from "./gateway.ts";
import { servePages } from "./pages.ts";
import { serveSecretsManager } from "./secrets-manager.ts";
import type { Serving } from "./serve.ts";
import { BadSetup, LOCAL_SECRET_ID, readSetup } from "./setup.ts";
import { serveWorkspace } from "./workspace.ts";

/**
 * `npm start`: the real handler on this machine, in front of the sandbox or, with credentials, of the real cloud.
 *
 * @param servings Takes what was opened, so that it can be closed however far this came.
 */
async function start(servings: Serving[]): Promise<void> {
  const opened = <T extends Serving>(serving: T): T => {
    servings.push(serving);
    return serving;
  };
  const setup = await readSetup(process.env);
  const { source, port } = setup;
  const fleet = createFleet(Date.now());

  let workspaceUrl: string | undefined;
  let secretsUrl: string | undefined;
  if (source.kind === "sandbox") {
    const { url } = opened(await serveWorkspace({ fleet }));
    const secret = workspaceSecretOf(fleet, url);
    workspaceUrl = url;
    secretsUrl = opened(await serveSecretsManager((id) => (id === LOCAL_SECRET_ID ? secret : null))).url;
  }
  if (source.kind === "secret-file") {
    // Read anew every time: whoever edits the file sees the change once the cached secret is too old.
    const read = (id: string) => (id === LOCAL_SECRET_ID ? readFile(source.path, "utf8") : null);
    secretsUrl = opened(await serveSecretsManager(read)).url;
  }
  if (secretsUrl) pointToLocalSecrets(secretsUrl);
  // Whoever runs it on a machine of their own, with a secret of their own, may use all that is in it.
  process.env["ACCESS_POLICY"] ||= '[{ "profiles": ["*"] }]';

  const gateway = opened(
    await serveGateway({ functions: await loadFunctions(), port }).catch(explainPort(port)),
  );
  process.stdout.write(banner({ setup, fleet, port: new URL(gateway.url).port, workspaceUrl, secretsUrl }));
}

/** From here on, the AWS SDK asks our own Secrets Manager, and nothing that is set for the real one matters. */
function pointToLocalSecrets(url: string): void {
  for (const name of ["AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"]) {
    delete process.env[name];
  }
  Object.assign(process.env, {
    WORKSPACE_SECRET_ID: LOCAL_SECRET_ID,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: url,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "MADEUPBYTHESANDBOX00",
    AWS_SECRET_ACCESS_KEY: "made-up-by-the-sandbox",
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
  });
}

const DIST = join(import.meta.dirname, "../dist");
const DOCS_PATH = /^\/(?:docs(?:\/|$)|v1\/openapi\.json$)/;

/** A handler reads the environment when it is loaded, as on Lambda: it is loaded once that is complete. */
async function loadFunctions(): Promise<GatewayFunction[]> {
  const http = await import("../handlers/http.ts");
  const docs = createDocsFunction({ assets: join(DIST, "docs"), log: createLog({ level: "info" }) });
  return [
    servePages(join(DIST, "console")),
    { name: "docs", matches: (_, path) => DOCS_PATH.test(path), handler: docs },
    { name: "http", matches: () => true, handler: http.handler },
  ];
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
