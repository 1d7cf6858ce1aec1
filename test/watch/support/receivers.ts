import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Posted {
  path: string;
  headers: Record<string, string>;
  body: Record<string, unknown>;
}

/** What each platform says when it took a message. */
const TAKEN: Readonly<Record<string, string>> = {
  slack: "ok",
  teams: "",
  feishu: '{"code":0,"msg":"success"}',
  dingtalk: '{"errcode":0,"errmsg":"ok"}',
  wecom: '{"errcode":0,"errmsg":"ok"}',
  webhook: "",
};

/** All platforms on one loopback socket, by the first part of the path, and EventBridge at the root. */
export async function serveReceivers() {
  const posted: Posted[] = [];
  const answers = new Map<string, { status: number; body: string } | "hang" | "reset">();
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk) => chunks.push(chunk));
    request.on("end", () => {
      const [, name = ""] = (request.url ?? "").split(/[/?]/);
      const body = JSON.parse(Buffer.concat(chunks).toString("utf8"));
      posted.push({ path: request.url ?? "", headers: request.headers as Record<string, string>, body });
      const answer = answers.get(name) ?? { status: name === "teams" ? 202 : 200, body: bodyOf(name, body) };
      if (answer === "reset") request.socket.destroy();
      else if (answer !== "hang") {
        response.writeHead(answer.status, { "content-type": "application/json" });
        response.end(answer.body);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    host,
    url: `http://${host}`,
    posted,
    answers,
    to: (name: string) => posted.filter(({ path }) => path.split(/[/?]/)[1] === name),
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function bodyOf(name: string, body: Record<string, unknown>): string {
  if (name !== "") return TAKEN[name] ?? "";
  const entries = body["Entries"] as unknown[];
  return JSON.stringify({
    FailedEntryCount: 0,
    Entries: entries.map((_, index) => ({ EventId: `event-${index}` })),
  });
}
