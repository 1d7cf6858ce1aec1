import { createHash, createHmac } from "node:crypto";
import { Agent, request } from "node:https";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import middy from "@middy/core";
import httpErrorHandler from "@middy/http-error-handler";
import * as z from "zod";

/**
 * What a good engineer writes in an afternoon: checked at the edges, signed, one kept-alive agent, the secret read once a
 * container. No deadline, no retry, no policy, no log, no cache of answers.
 */

const questionSchema = z.object({
  pathParameters: z.object({ desktop_id: z.string().regex(/^[\w-]{1,128}$/) }),
  queryStringParameters: z
    .object({ limit: z.coerce.number().int().min(1).max(1000).default(100) })
    .default({ limit: 100 }),
});

const secretSchema = z.object({
  access_key: z.string().min(1),
  secret_key: z.string().min(1),
  project_id: z.string().min(1),
});

const answerSchema = z.object({
  desktop_detach_infos: z.array(
    z.object({
      desktop_id: z.string().nullish(),
      desktop_name: z.string().nullish(),
      user_id: z.string().nullish(),
      user_name: z.string().nullish(),
      user_group: z.string().nullish(),
      type: z.string().nullish(),
      detach_time: z.string().nullish(),
    }),
  ),
});

type Secret = z.infer<typeof secretSchema>;

class HttpError extends Error {
  readonly statusCode: number;
  readonly expose = true;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

const endpoint = new URL(process.env["WORKSPACE_ENDPOINT"] as string);
const agent = new Agent({ keepAlive: true });
const secretsManager = new SecretsManagerClient({});
let secret: Promise<Secret> | undefined;

async function fetchSecret(): Promise<Secret> {
  const command = new GetSecretValueCommand({ SecretId: process.env["WORKSPACE_SECRET_ID"] });
  const { SecretString = "" } = await secretsManager.send(command);
  return secretSchema.parse(JSON.parse(SecretString));
}

const EMPTY_SHA256 = createHash("sha256").update("").digest("hex");

/** https://support.huaweicloud.com/intl/en-us/devg-apisign/api-sign-algorithm.html */
function sign(path: string, { access_key, secret_key, project_id }: Secret): Record<string, string> {
  const date = new Date().toISOString().replace(/[-:]|\.\d{3}/g, "");
  const headers: Record<string, string> = {
    host: endpoint.host,
    "x-project-id": project_id,
    "x-sdk-date": date,
  };
  const names = Object.keys(headers).sort();
  const canonicalRequest = [
    "GET",
    `${path}/`,
    "",
    ...names.map((name) => `${name}:${headers[name]}`),
    "",
    names.join(";"),
    EMPTY_SHA256,
  ].join("\n");
  const hashed = createHash("sha256").update(canonicalRequest).digest("hex");
  const signature = createHmac("sha256", secret_key)
    .update(`SDK-HMAC-SHA256\n${date}\n${hashed}`)
    .digest("hex");
  const authorization = `SDK-HMAC-SHA256 Access=${access_key}, SignedHeaders=${names.join(";")}, Signature=${signature}`;
  return { ...headers, authorization, accept: "application/json" };
}

function get(path: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  const { hostname, port } = endpoint;
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path, headers, agent, timeout: 5000 }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") }),
      );
      response.on("error", reject);
    });
    sent.on("timeout", () => sent.destroy(new HttpError(504, "Huawei Cloud did not answer in time")));
    sent.on("error", reject);
    sent.end();
  });
}

/** Huawei writes a colon before the fraction. What cannot be read is NaN. */
function toMs(time: string | null | undefined): number {
  return Date.parse(time?.replace(/:(\d{3})\d*Z$/, ".$1Z") ?? "");
}

const newestFirst = (a: { at: number }, b: { at: number }) => (b.at || 0) - (a.at || 0);

async function findUnbindings(event: unknown) {
  const question = questionSchema.safeParse(event);
  if (!question.success) throw new HttpError(400, z.prettifyError(question.error));
  const { desktop_id } = question.data.pathParameters;
  secret ??= fetchSecret();
  const keys = await secret;
  const path = `/v2/${keys.project_id}/desktops/${desktop_id}/detach-info`;
  const { status, text } = await get(path, sign(path, keys));
  if (status !== 200) throw new HttpError(502, `Huawei Cloud answered ${status}`);
  const { desktop_detach_infos } = answerSchema.parse(JSON.parse(text));
  const rows = desktop_detach_infos.map((row) => ({ row, at: toMs(row.detach_time) })).sort(newestFirst);
  const unbindings = rows.slice(0, question.data.queryStringParameters.limit).map(({ row, at }) => ({
    ...row,
    unbound_at: Number.isNaN(at) ? null : new Date(at).toISOString(),
  }));
  return {
    statusCode: 200,
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ desktop_id, count: unbindings.length, total: rows.length, unbindings }),
  };
}

export const handler = middy(findUnbindings).use(httpErrorHandler());
