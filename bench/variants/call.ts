import { Agent, request } from "node:https";

/** How many rows an answer may have; what comes beyond is not sent back, as with us. */
const MAX_ROWS = 1000;

const agent = new Agent({ keepAlive: true });

interface Target {
  hostname: string;
  port: string;
  path: string;
  headers: Record<string, string>;
}

/** The least that a call can be: sent as it is, read, parsed, and its rows given back. Nothing is checked. */
export async function callUpstream(target: Target): Promise<{ statusCode: number; body: string }> {
  const text = await new Promise<string>((resolve, reject) => {
    const sent = request({ ...target, agent }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => resolve(Buffer.concat(chunks).toString("utf8")));
    });
    sent.on("error", reject);
    sent.end();
  });
  const { desktop_detach_infos } = JSON.parse(text) as { desktop_detach_infos: unknown[] };
  return {
    statusCode: 200,
    body: JSON.stringify({ unbindings: desktop_detach_infos.slice(0, MAX_ROWS) }),
  };
}

const { hostname, port } = new URL(process.env["WORKSPACE_ENDPOINT"] as string);
const headers = JSON.parse(process.env["BENCH_SIGNED_HEADERS"] as string);

/** The request that the benchmark signed in advance, for the desktop of the event. */
export function signedInAdvance(event: { pathParameters: { desktop_id: string } }): Target {
  const path = `/v2/${process.env["BENCH_PROJECT_ID"]}/desktops/${event.pathParameters.desktop_id}/detach-info`;
  return { hostname, port, path, headers };
}
