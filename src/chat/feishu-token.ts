import { createSingleFlight } from "../cache/single-flight.ts";
import type { Post, PostTime } from "./platform.ts";
import { PostFailed } from "./post.ts";
import { readJson } from "./read-json.ts";

export interface FeishuApp {
  /** Scheme and host of the platform's API. */
  base: string;
  appId: string;
  appSecret: string;
}

/** It is renewed that long before it ends. */
const MARGIN_MS = 60_000;

/**
 * An app's `tenant_access_token`, kept until shortly before it expires.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
 */
export function createTenantTokens() {
  const kept = new Map<string, { token: string; endsAt: number }>();
  const flights = createSingleFlight<string>();
  let asked = 0;
  let keptNumber = 0;

  return {
    async get(app: FeishuApp, post: Post, now: () => number, time: PostTime): Promise<string> {
      const key = `${app.base}\n${app.appId}\n${app.appSecret}`;
      const held = kept.get(key);
      if (held && now() < held.endsAt) return held.token;
      return await flights.join(key, time, async ({ deadline }) => {
        asked += 1;
        const number = asked;
        const askedAt = now();
        const { body } = await post(
          `${app.base}/open-apis/auth/v3/tenant_access_token/internal`,
          { app_id: app.appId, app_secret: app.appSecret },
          {},
          deadline,
        );
        const { code, tenant_access_token: token, expire } = readJson(body);
        if (code !== 0 || typeof token !== "string" || token === "") {
          throw new PostFailed(`Feishu gave no token: code ${Number(code)}`);
        }
        const seconds = typeof expire === "number" ? expire : 0;
        // Another app's, or that of an older secret, is of no more use, and must not take the place of a newer one.
        if (number > keptNumber) {
          keptNumber = number;
          kept.clear();
          kept.set(key, { token, endsAt: askedAt + seconds * 1000 - MARGIN_MS });
        }
        return token;
      }).result;
    },
  };
}
