import * as z from "zod/mini";
import { LookupError } from "../../contract/errors.ts";
import { toProblem } from "../../contract/problem.ts";
import { jsonReply, type Reply } from "../../http/reply.ts";
import { explainMistake } from "../cards.ts";
import type { ChatAnswer, Outcome } from "../chat-answer.ts";
import { keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import type { Platform, Received, SignedRequest } from "../platform.ts";
import { readJson } from "../read-json.ts";
import { textsIn } from "../texts.ts";
import { isSuccess, judgeStatus, type PlatformAnswer, SENT, type Verdict } from "../verdict.ts";
import {
  FIVE_MINUTES_MS,
  type HeaderValues,
  hmac,
  isEqual,
  isTimely,
  readStamp,
  usable,
  type Verification,
} from "../verification.ts";

/**
 * Programs that sign: by Standard Webhooks, or as GitHub does. They get data and no card, and have as much time as every
 * other program.
 */
export const webhook: Platform = {
  name: "webhook",
  methods: ["POST"],
  lookupMs: Number.POSITIVE_INFINITY,
  rows: { byDefault: 100, most: 1000 },
  prefix: "unbound",
  hasLocalTimes: false,
  offersPublic: false,
  hosts: [],
  open(section) {
    const keys = parseSection(schema, section, webhook.name);
    return {
      // The secret is the permission.
      allow: "all",
      receive: (request, now) => receive(request, keys, now),
      reply,
      acknowledge: () => jsonReply(202, {}),
      deliver: null,
    };
  },
  deliverWithoutKeys: null,
  judge,
};

const schema = sectionSchema(
  { standard_secrets: z.optional(keysSchema), hub_secrets: z.optional(keysSchema) },
  [],
);

type Keys = z.infer<typeof schema>;

function receive({ raw, headers }: SignedRequest, keys: Keys, now: number): Received {
  const isStandard = headers["webhook-signature"] !== undefined;
  const verdict = isStandard
    ? verifyStandardWebhook(raw, headers, keys.standard_secrets ?? [], now)
    : verifyHubSignature(raw, headers, keys.hub_secrets ?? []);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  const id = isStandard ? headers["webhook-id"] : headers["x-github-delivery"];
  return {
    kind: "message",
    message: {
      id: id || null,
      text: readCommand(raw),
      sender: { scheme: isStandard ? "standard" : "hub" },
      language: null,
      timeZone: null,
      returnTo: null,
    },
  };
}

/** Strict: a reply URL, above all, is nothing that this channel takes. */
const bodySchema = z.strictObject({
  command: z.enum(["unbound", "help"], "must be unbound or help"),
  args: z.optional(z.array(z.string("must be text"), "must be a list of texts")),
});

/** @throws LookupError INVALID_REQUEST that names every fault. */
function readCommand(raw: Buffer): string {
  const result = bodySchema.safeParse(readJson(raw.toString("utf8")));
  if (!result.success) {
    const errors = result.error.issues.map(({ path, message, code }) => ({
      field: path.length > 0 ? path.map(String).join(".") : "body",
      message: code === "unrecognized_keys" ? "has a key that is not known" : message,
    }));
    throw new LookupError("INVALID_REQUEST", { errors });
  }
  const { command, args = [] } = result.data;
  return command === "help" ? "help" : args.map(quoted).join(" ");
}

/** An argument is one word, whatever is in it; an option keeps its name outside. */
function quoted(argument: string): string {
  if (!/[\s,;，；、`]/u.test(argument)) return argument;
  const [, key = "", value = argument] = /^(\w+=)(.*)$/s.exec(argument) ?? [];
  return `${key}"${value.replaceAll('"', "")}"`;
}

/** @throws LookupError what a single desktop's lookup ended in, or what could not be understood. */
function reply({ command, mistakes, outcomes }: ChatAnswer, _message: unknown, requestId: string): Reply {
  const texts = textsIn("en");
  if (mistakes.length > 0) {
    const errors = mistakes.map((mistake) => ({
      field: "args",
      message: explainMistake(mistake, texts, webhook.offersPublic),
    }));
    throw new LookupError("INVALID_REQUEST", { errors });
  }
  if (command?.kind === "help")
    return jsonReply(200, {
      usage: texts.usage(webhook.prefix, webhook.offersPublic),
      request_id: requestId,
    });
  const [only] = outcomes;
  if (!only) throw invalidArgs();
  if (outcomes.length > 1) return jsonReply(200, several(outcomes, requestId));
  if ("error" in only) throw only.error;
  return jsonReply(200, only.result);
}

function invalidArgs(): LookupError {
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "args", message: "must name a desktop" }] });
}

/** As a batch is answered; who was asked for by name, and not found, has the name in place of the ID. */
function several(outcomes: readonly Outcome[], requestId: string): object {
  const results = outcomes.map((outcome) => {
    if ("result" in outcome) return { ok: true, ...outcome.result };
    const { target, error } = outcome;
    const asked =
      "id" in target ? { desktop_id: target.id } : { desktop_id: null, desktop_name: target.name };
    return { ok: false, ...asked, ...toProblem(error, requestId) };
  });
  const succeeded = results.filter(({ ok }) => ok).length;
  return { results, succeeded, failed: results.length - succeeded, request_id: requestId };
}

/**
 * Standard Webhooks 1.0: `webhook-signature` is a list of `v1,<base64>` over `{id}.{timestamp}.{raw body}`; any one may
 * match, so that a sender can rotate its secret. Unknown versions are passed over.
 *
 * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function verifyStandardWebhook(
  raw: Buffer,
  headers: HeaderValues,
  secrets: readonly string[],
  now: number,
): Verification {
  const { "webhook-id": id = "", "webhook-timestamp": stamp, "webhook-signature": list = "" } = headers;
  const signedAt = readStamp(stamp, 1000);
  if (id === "" || signedAt === null) return "bad-scheme";
  if (!isTimely(signedAt, now, FIVE_MINUTES_MS)) return "stale";
  const content = Buffer.concat([Buffer.from(`${id}.${stamp}.`), raw]);
  const keys = usable(secrets.map((secret) => Buffer.from(secret.replace(/^whsec_/, ""), "base64")));
  const expected = keys.map((key) => `v1,${hmac(key, content, "base64")}`);
  const given = list.split(" ");
  return expected.some((signature) => given.some((each) => isEqual(each, signature))) ? "ok" : "mismatch";
}

/** GitHub's `X-Hub-Signature-256: sha256=<hex>` over the raw body. It carries no time. */
export function verifyHubSignature(
  raw: Buffer,
  headers: HeaderValues,
  secrets: readonly string[],
): Verification {
  const given = headers["x-hub-signature-256"] ?? "";
  if (!given.startsWith("sha256=")) return "bad-scheme";
  return usable(secrets).some((secret) => isEqual(given, `sha256=${hmac(secret, raw, "hex")}`))
    ? "ok"
    : "mismatch";
}

/** By Standard Webhooks, any 2xx is acceptance, whatever is in the body. */
function judge(answer: PlatformAnswer): Verdict {
  return isSuccess(answer) ? SENT : judgeStatus(answer);
}
