import * as z from "zod/mini";
import { LANGUAGES } from "../chat/language.ts";
import { dingtalk } from "../chat/platforms/dingtalk.ts";
import { feishu } from "../chat/platforms/feishu.ts";
import { slack } from "../chat/platforms/slack.ts";
import { textOf } from "../chat/read-json.ts";
import { LookupError } from "../contract/errors.ts";
import { fieldsOf } from "../contract/object.ts";
import { isLoopback } from "../net/endpoint.ts";
import { parseSecretObject, secretText } from "../secrets/secret-json.ts";
import type { Presentation } from "./digest.ts";

const PLATFORMS = ["slack", "teams", "feishu", "dingtalk", "wecom", "webhook"] as const;

/** A channel as it stands in the secret, checked. */
export interface StoredChannel extends Presentation {
  name: string;
  to: (typeof PLATFORMS)[number];
  /** `null` for a chat of Feishu's app. */
  url: string | null;
  secret: string | null;
  chatId: string | null;
  /** `null` for all that are watched. */
  profiles: readonly string[] | null;
  hidesUsers: boolean;
}

/** Hosts of each platform; what begins with a dot stands for what ends so, and is anchored by it. */
const HOSTS: Readonly<Record<StoredChannel["to"], readonly string[]>> = {
  slack: [...slack.hosts, "hooks.slack-gov.com"],
  // The first for flows of today, the second for those that were made before 2026.
  teams: [".environment.api.powerplatform.com", ".logic.azure.com"],
  feishu: feishu.hosts,
  dingtalk: dingtalk.hosts,
  wecom: ["qyapi.weixin.qq.com"],
  // A webhook has no host of its own: the operator lists it.
  webhook: [],
};

const MAX_NAME = 64;
const NAME = /^[^\x00-\x1f\x7f#]+$/;

const text = secretText.check(z.trim(), z.minLength(1, "is empty"));
const timeZone = text.check(
  z.refine((zone) => {
    try {
      return Boolean(new Intl.DateTimeFormat("en", { timeZone: zone }));
    } catch {
      return false;
    }
  }, "must be the name of a time zone such as Europe/Berlin"),
);

const channelSchema = z.strictObject(
  {
    name: text.check(
      z.maxLength(MAX_NAME, "is too long"),
      z.regex(NAME, "must have no # and no control characters"),
    ),
    to: z.enum(PLATFORMS, `must be one of ${PLATFORMS.join(", ")}`),
    url: z.optional(text),
    secret: z.optional(text),
    chat_id: z.optional(text),
    profiles: z.optional(z.array(text, "must be a list of names").check(z.minLength(1, "is empty"))),
    hide_users: z.optional(z.boolean("must be true or false")),
    language: z.optional(z.enum(LANGUAGES, `must be one of ${LANGUAGES.join(", ")}`)),
    time_zone: z.optional(timeZone),
  },
  {
    error: ({ code }) => (code === "unrecognized_keys" ? "has a key that is not known" : "must be an object"),
  },
);

const sectionSchema = z.strictObject(
  { channels: z.array(channelSchema, "must be a list") },
  {
    error: ({ code }) => (code === "unrecognized_keys" ? "has a key that is not known" : "must be an object"),
  },
);

/**
 * The section `watch` of a secret; no channels where there is none.
 *
 * @param hosts Further hosts, `host` or `host:port`, that channels may be on; a loopback host may be http.
 * @throws LookupError SECRET_INVALID that names every faulty field, never a value.
 */
export function parseWatchSecret(
  secret: string,
  hosts: readonly string[],
  otherwise: Presentation,
): StoredChannel[] {
  const { watch } = parseSecretObject(secret, invalid);
  if (watch === undefined || watch === null) return [];
  const result = sectionSchema.safeParse(watch);
  if (!result.success) {
    throw invalid(result.error.issues.map(({ path, message }) => `${fieldOf(path)} ${message}`));
  }
  const { channels } = result.data;
  const faults = channels.flatMap((channel, index) =>
    faultsOf(channel, hosts).map((fault) => `${fieldOf(["channels", index])}.${fault}`),
  );
  const names = channels.map(({ name }) => name);
  if (new Set(names).size < names.length) faults.push("watch.channels has a name twice");
  if (faults.length > 0) throw invalid(faults);
  return channels.map(
    ({
      name,
      to,
      url,
      secret: key,
      chat_id: chatId,
      profiles,
      hide_users: hidesUsers,
      language,
      time_zone: zone,
    }) => ({
      name,
      to,
      url: url ?? null,
      secret: key ?? null,
      chatId: chatId ?? null,
      profiles: profiles ?? null,
      hidesUsers: hidesUsers ?? false,
      language: language ?? otherwise.language,
      timeZone: zone ?? otherwise.timeZone,
    }),
  );
}

function faultsOf(channel: z.infer<typeof channelSchema>, hosts: readonly string[]): string[] {
  const { to, url, secret, chat_id: chatId } = channel;
  const faults: string[] = [];
  if (to === "feishu" && chatId !== undefined) {
    if (url !== undefined || secret !== undefined) faults.push("chat_id goes without url and secret");
    return faults;
  }
  if (chatId !== undefined) faults.push("chat_id is for feishu");
  if (url === undefined) faults.push(to === "feishu" ? "url is missing (or chat_id)" : "url is missing");
  else if (!isPermitted(url, to, hosts))
    faults.push("url must be https, to a host of the platform's or one that is listed");
  if (to === "webhook" && secret === undefined) faults.push("secret is missing");
  if (to === "webhook" && secret !== undefined && decodeWebhookSecret(secret).length === 0)
    faults.push("secret must be whsec_ and base64");
  return faults;
}

function isPermitted(text: string, to: StoredChannel["to"], further: readonly string[]): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, host, hostname, username, password } = new URL(text);
  if (username !== "" || password !== "") return false;
  const isListed =
    further.includes(host) ||
    HOSTS[to].some((each) => (each.startsWith(".") ? host.endsWith(each) : host === each));
  return isListed && (protocol === "https:" || (protocol === "http:" && isLoopback(hostname)));
}

export function decodeWebhookSecret(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ""), "base64");
}

function fieldOf(path: readonly PropertyKey[]): string {
  return ["watch", ...path.map(String)].join(".");
}

function invalid(faults: readonly string[]): LookupError {
  return new LookupError("SECRET_INVALID", {
    detail: `The watch secret is not valid: ${faults.join("; ")}.`,
  });
}

/** The app of the section `feishu`, if there is one. @throws LookupError SECRET_INVALID */
export function parseFeishuApp(secret: string): { appId: string; appSecret: string; base: string } | null {
  const { feishu: section } = parseSecretObject(secret, invalid);
  const { app_id: appId, app_secret: appSecret, api_base: base } = fieldsOf(section);
  const [id, key] = [textOf(appId), textOf(appSecret)];
  return id === null || key === null
    ? null
    : { appId: id, appSecret: key, base: textOf(base) ?? FEISHU_BASE };
}

const FEISHU_BASE = "https://open.feishu.cn";
