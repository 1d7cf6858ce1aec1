import type { Problem } from "../../src/contract/answers.ts";
import { sleep } from "../../src/time/clocks.ts";
import { CHAT_SANDBOX_PATH, type ChatSandbox } from "./late-channels.ts";
import { readDingtalk } from "./readers/dingtalk.ts";
import { readFeishu } from "./readers/feishu.ts";
import { readSlack } from "./readers/slack.ts";
import { readTeams } from "./readers/teams.ts";
import { readWebhook } from "./readers/webhook.ts";
import { readWecom } from "./readers/wecom.ts";
import { type ChatPlatform, signedRequest } from "./requests.ts";
import type { Reader, Shown } from "./shown.ts";

const PLATFORMS: Readonly<Record<ChatPlatform, { title: string; read: Reader }>> = {
  slack: { title: "Slack", read: readSlack },
  teams: { title: "Teams", read: readTeams },
  feishu: { title: "Feishu", read: readFeishu },
  dingtalk: { title: "DingTalk", read: readDingtalk },
  wecom: { title: "WeCom", read: readWecom },
  webhook: { title: "The webhook", read: readWebhook },
};

/** Something came, as the platform would show it. */
export interface Heard {
  platform: string;
  shown: Shown;
  /** In the response, or in a message after it. */
  isLater: boolean;
  afterMs: number;
}

/** Why nothing could be shown, in one line. */
export class ChatFailed extends Error {
  override readonly name = "ChatFailed";
}

/** The worker has less time, and so has the gateway. */
const LATE_WAIT_MS = 30_000;
const LATE_LOOK_MS = 100;

/**
 * Says something on a platform to a running `npm start`, and gives what comes of it, as it comes.
 *
 * @param api Such as `http://localhost:3000`.
 * @throws ChatFailed
 */
export async function* askInChat(
  platform: ChatPlatform,
  text: string,
  api: string,
  timeZone: string,
): AsyncGenerator<Heard> {
  const lateChannels = await findLateChannels(api);
  const { title, read } = PLATFORMS[platform];
  const id = String(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
  const request = signedRequest(
    platform,
    { text, id, replyUrl: `${lateChannels}/${platform}/${id}` },
    Date.now(),
  );
  const startedAt = performance.now();
  const heard = (body: string, isLater: boolean): Heard | null => {
    const shown = readWith(read, body, timeZone, title);
    return shown && { platform: title, shown, isLater, afterMs: performance.now() - startedAt };
  };
  const { path, query, method, headers, body } = request;
  const response = await call(`${api}${path}${query === "" ? "" : `?${query}`}`, { method, headers, body });
  const reply = await response.text();
  if (!response.ok) throw new ChatFailed(`${title} would get ${response.status}${problemIn(reply)}`);
  const first = heard(reply, false);
  if (first) yield first;
  if (first && !first.shown.isAnnouncement) return;
  for (;;) {
    const [message] = await keptMessages(lateChannels, id);
    const later = message === undefined ? null : heard(message, true);
    if (later) return yield later;
    if (performance.now() - startedAt > LATE_WAIT_MS) {
      throw new ChatFailed(`${title} got no message within ${LATE_WAIT_MS / 1000} s.`);
    }
    await sleep(LATE_LOOK_MS);
  }
}

async function findLateChannels(api: string): Promise<string> {
  const response = await call(`${api}${CHAT_SANDBOX_PATH}`);
  const { late_channels } = (await response.json().catch(() => ({}))) as Partial<ChatSandbox>;
  if (response.ok && late_channels !== undefined) return late_channels;
  throw new ChatFailed(`What runs at ${api} has not the sandbox's chat keys: start it with npm start alone.`);
}

async function keptMessages(lateChannels: string, id: string): Promise<string[]> {
  return (await (await call(`${lateChannels}/kept/${id}`)).json()) as string[];
}

async function call(url: string, init?: RequestInit): Promise<Response> {
  return await fetch(url, init).catch(() => {
    throw new ChatFailed(
      `Nothing answers at ${new URL(url).origin}. Start it in another terminal: npm start`,
    );
  });
}

function readWith(read: Reader, body: string, timeZone: string, title: string): Shown | null {
  try {
    return read(body, timeZone);
  } catch (error) {
    throw new ChatFailed(`${title} would not take this reply (${(error as Error).message}): ${body}`);
  }
}

/** Programs get a problem; a refused signature says nothing. */
function problemIn(reply: string): string {
  try {
    const { code, detail, errors = [] } = JSON.parse(reply) as Partial<Problem>;
    const faults = errors.map(({ field, message }) => `${field} ${message}`).join("; ");
    return code === undefined ? "." : ` ${code}: ${faults || detail}`;
  } catch {
    return ".";
  }
}
