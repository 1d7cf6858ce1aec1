import { createSingleFlight } from "../../cache/single-flight.ts";
import { LookupError } from "../../contract/errors.ts";
import type { Deadline } from "../../time/deadline.ts";
import type { Tools } from "../platform.ts";
import { parseObject, textOf } from "../read-json.ts";
import { type Judge, lost, type NotSent, retry } from "../verdict.ts";

export interface FeishuApp {
  /** Scheme and host of the platform's API. */
  base: string;
  appId: string;
  appSecret: string;
}

export interface TenantTokens {
  /** The token, or why there is none. */
  get(time: Deadline): Promise<string | NotSent>;
  /** Feishu does not accept this one any more. */
  forget(token: string): void;
}

/** It is renewed that long before it ends. */
const MARGIN_MS = 60_000;

/**
 * An app's `tenant_access_token`, kept until shortly before it expires.
 *
 * @see https://open.feishu.cn/document/server-docs/authentication-management/access-token/tenant_access_token_internal
 */
export function createTenantTokens(
  { base, appId, appSecret }: FeishuApp,
  { post, now }: Pick<Tools, "post" | "now">,
  judge: Judge,
): TenantTokens {
  const url = `${base}/open-apis/auth/v3/tenant_access_token/internal`;
  const json = JSON.stringify({ app_id: appId, app_secret: appSecret });
  const flights = createSingleFlight<string | NotSent>();
  let kept: { token: string; endsAt: number } | null = null;

  async function fetchToken(time: Deadline): Promise<string | NotSent> {
    const posted = await post({ url, json, time }, judge);
    if (posted.kind !== "sent") return posted;
    const { tenant_access_token: given, expire } = parseObject(posted.body) ?? {};
    const token = textOf(given);
    if (token === null) return lost("an answer without a token");
    const seconds = typeof expire === "number" ? expire : 0;
    kept = { token, endsAt: now() + seconds * 1000 - MARGIN_MS };
    return token;
  }

  return {
    async get(time) {
      if (kept && now() < kept.endsAt) return kept.token;
      try {
        return await flights.join("token", time, ({ deadline }) => fetchToken(deadline)).result;
      } catch (error) {
        if (error instanceof LookupError) return retry(1, "no time was left to fetch a token");
        throw error;
      }
    },
    forget(token) {
      if (kept?.token === token) kept = null;
    },
  };
}
