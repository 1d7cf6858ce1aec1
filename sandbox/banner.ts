import { CHAT_PLATFORMS } from "./chat/requests.ts";
import type { ChatSource } from "./chat/setup.ts";
import { desktopNamed, type Project } from "./fleet.ts";
import type { Setup } from "./setup.ts";
import type { StandIns } from "./stand-ins.ts";

export interface Running {
  setup: Setup;
  fleet: readonly Project[];
  port: string;
  standIns: StandIns;
  /** Where people sign in; `null` when nobody does. */
  issuer: string | null;
  watch?: { folder: string | null } | null;
}

/** What whoever started this wants to know: what runs where, and lines to paste. */
export function banner(running: Running): string {
  const { setup, fleet, port, standIns, issuer } = running;
  const { workspace, secretsManager, lambda, lateChannels } = standIns;
  const api = `http://localhost:${port}`;
  const places: [string, string][] = [
    [`${api}/`, "the console: a page for the helpdesk"],
    [`${api}/docs`, "the reference of the API"],
    [`${api}/v1`, "the API: the real handler behind a local gateway"],
    [`${api}/mcp`, "for assistants: the Model Context Protocol"],
  ];
  if (issuer !== null) places.push([issuer, "sandbox: an OpenID provider; takes any name and any password"]);
  if (setup.chat) places.push([`${api}/chat/…`, describeChat(setup.chat)]);
  if (workspace) places.push([workspace, "sandbox: Huawei Cloud Workspace; checks every signature"]);
  if (secretsManager)
    places.push([secretsManager, "sandbox: AWS Secrets Manager; spoken to by the real SDK"]);
  if (lambda) places.push([lambda, "sandbox: AWS Lambda; runs the worker of chat"]);
  if (lateChannels)
    places.push([lateChannels, "sandbox: where Slack, Feishu and DingTalk take late answers"]);
  const width = Math.max(...places.map(([url]) => url.length));
  const lines = [
    `workspace-unbindings: ${describeSource(setup)}`,
    "",
    ...places.map(([url, what]) => `  ${url.padEnd(width)}  ${what}`),
    "",
    ...(issuer !== null
      ? ["The API wants a token of the provider: sign in to the console, or leave out --sign-in to use curl."]
      : setup.source.kind === "sandbox"
        ? sandboxCalls(api, fleet)
        : realCalls(api)),
    ...chatCalls(setup.chat, port),
    ...watchCalls(running.watch ?? null, port),
    "",
    "Ctrl+C stops it. Below: the log, one line per request.",
    "",
  ];
  return `${lines.join("\n")}\n`;
}

function describeSource({ source }: Setup): string {
  if (source.kind === "sandbox") return "everything on this machine, all of it made up";
  const from =
    source.kind === "secret-file"
      ? `the file ${source.path}`
      : `${source.secretId} in AWS Secrets Manager, ${source.region}`;
  return `THE REAL HUAWEI CLOUD, with the secret from ${from}`;
}

function describeChat(chat: ChatSource): string {
  if (chat.kind === "sandbox") return "chat: six platforms, with made-up keys";
  return `chat, with the keys of ${chat.kind === "secret-id" ? chat.secretId : chat.path}`;
}

function chatCalls(chat: ChatSource | null, port: string): string[] {
  if (!chat)
    return ["", "Chat is not served: set CHAT_SECRET_ID or CHAT_SECRET_FILE as you did for Workspace."];
  if (chat.kind !== "sandbox") return [];
  const command = `  ${port === "3000" ? "" : `PORT=${port} `}npm run chat --`;
  return [
    "",
    `In chat, from another terminal (or as ${CHAT_PLATFORMS.slice(1).join(", ")}):`,
    `${command} slack "/unbound WIN-ALICE"`,
    "  # an answer that Slack would not wait for follows later",
    `${command} slack "/unbound WIN-LATE"`,
  ];
}

function watchCalls(watch: { folder: string | null } | null, port: string): string[] {
  if (!watch) return [];
  const command = `  ${port === "3000" ? "" : `PORT=${port} `}npm run`;
  const kept = watch.folder === null ? "in memory" : `in ${watch.folder}`;
  return [
    "",
    `The watch runs every 10 seconds, and keeps its ledger ${kept}. See whom it tells:`,
    `${command} unbind -- WIN-ALICE alice`,
    "  # one run now, and what it saw",
    `${command} watch`,
  ];
}

function sandboxCalls(api: string, fleet: readonly Project[]): string[] {
  const urlOf = (name: string, query = "") =>
    `${api}/v1/desktops/${desktopNamed(fleet, name).desktopId}/unbindings${query}`;
  const alice = urlOf("WIN-ALICE");
  const perDesktop = fleet.flatMap(({ profile, desktops }, index) =>
    desktops.flatMap(({ computerName, about }) =>
      call(`${computerName}: ${about}`, `"${urlOf(computerName, index === 0 ? "" : `?profile=${profile}`)}"`),
    ),
  );
  return [
    "Every desktop of the fleet:",
    ...perDesktop,
    "",
    "Other ways to ask:",
    ...call("by name, in any case", `"${api}/v1/unbindings?desktop_name=win-alice"`),
    ...call("a name that two desktops bear", `"${api}/v1/unbindings?desktop_name=linux-build"`),
    ...call("a desktop that is not there", `"${api}/v1/desktops/no-such-desktop/unbindings"`),
    ...call("filters", `"${alice}?since=2026-01-01T00:00:00Z&type=user&limit=1"`),
    ...call("mistakes, all named at once", `"${alice}?since=yesterday&limit=0&colour=red"`),
    ...call("as CSV", `-H "Accept: text/csv" "${alice}"`),
    ...call("only if it changed: the second line answers 304", `--etag-save /tmp/alice.etag "${alice}"`),
    `  curl -si --etag-compare /tmp/alice.etag "${alice}"`,
    ...call("is it set up well?", `"${api}/ready"`),
  ];
}

function realCalls(api: string): string[] {
  return [
    "Is it set up well? Then ask for a desktop of yours, by its ID or its name:",
    `  curl -s "${api}/ready"`,
    `  curl -s "${api}/v1/desktops/<desktop ID>/unbindings"`,
    `  curl -s "${api}/v1/unbindings?desktop_name=<desktop name>"`,
  ];
}

function call(comment: string, rest: string): string[] {
  return [`  # ${comment}`, `  curl -s ${rest}`];
}
