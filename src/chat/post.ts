import { type ClientRequest, type IncomingMessage, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Post, PostAnswer } from "./platform.ts";

/** Where late answers may go. A caller's word for it is not enough: DingTalk's signature does not cover the URL. */
const REPLY_HOSTS = [
  "hooks.slack.com",
  "oapi.dingtalk.com",
  "api.dingtalk.com",
  "open.feishu.cn",
  "open.larksuite.com",
  "qyapi.weixin.qq.com",
] as const;

/** One attempt to send takes no longer. */
const POST_MS = 5000;
/** A platform says little: whether it took the message, or a token. */
const MAX_ANSWER_BYTES = 64 * 1024;

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/;

/** Why a late answer did not get where it should. Holds no URL: that is a key by itself. */
export class PostFailed extends Error {
  override readonly name = "PostFailed";
}

/**
 * Sends to the known platforms' hosts by https alone, and to those that the operator added; a loopback host among these
 * may be http. No redirect is followed.
 *
 * @param furtherHosts `host` or `host:port`, in lower case.
 */
export function createPost(furtherHosts: readonly string[]): Post {
  const hosts = new Set<string>([...REPLY_HOSTS, ...furtherHosts]);

  return async (url, body, headers, time) => {
    const target = permitted(url, hosts);
    const ms = Math.min(POST_MS, time.remaining());
    if (ms <= 0) throw new PostFailed("no time was left to send");
    const bytes = Buffer.from(JSON.stringify(body));
    const answer = await send(target, bytes, headers, ms);
    if (answer.status < 200 || answer.status > 299)
      throw new PostFailed(`${target.hostname} answered ${answer.status}`);
    return answer;
  };
}

function permitted(url: string, hosts: ReadonlySet<string>): URL {
  const target = URL.canParse(url) ? new URL(url) : null;
  // A port that is the scheme's own is no part of `host`; any other must have been listed with it.
  if (!target || !hosts.has(target.host) || target.username !== "" || target.password !== "") {
    throw new PostFailed("the answer was to go to a host that is on no list");
  }
  const isSafe = target.protocol === "https:" || (target.protocol === "http:" && LOOPBACK.test(target.host));
  if (!isSafe) throw new PostFailed("the answer was to go out unencrypted");
  return target;
}

function send(
  target: URL,
  body: Buffer,
  headers: Readonly<Record<string, string>>,
  ms: number,
): Promise<PostAnswer> {
  return new Promise((resolve, reject) => {
    const request = target.protocol === "https:" ? requestHttps : requestHttp;
    // No kept-alive socket: minutes pass between two answers, and a thawed container's would be dead.
    const sent: ClientRequest = request(
      target,
      {
        method: "POST",
        agent: false,
        headers: {
          ...headers,
          "content-type": "application/json; charset=utf-8",
          "content-length": body.length,
        },
      },
      (response) =>
        readText(response).then((text) => finish({ status: response.statusCode ?? 0, body: text }), fail),
    );
    const timer = setTimeout(() => fail(new PostFailed(`${target.hostname} did not answer in time`)), ms);
    function finish(answer: PostAnswer): void {
      clearTimeout(timer);
      resolve(answer);
    }
    function fail(error: unknown): void {
      clearTimeout(timer);
      sent.destroy();
      const { code } = error as NodeJS.ErrnoException;
      reject(error instanceof PostFailed ? error : new PostFailed(`${target.hostname}: ${code ?? "failed"}`));
    }
    sent.on("error", fail);
    sent.end(body);
  });
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    size += (chunk as Buffer).length;
    if (size > MAX_ANSWER_BYTES) throw new PostFailed("the answer is too long");
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString("utf8");
}
