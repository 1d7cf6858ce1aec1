import { request } from "node:http";
import { callUpstream, signedInAdvance } from "./call.ts";

let secret: Promise<string> | undefined;

/** The floor, after the secret has been fetched in the cheapest way: a request of our own, signed in advance. */
export const handler = async (event: Parameters<typeof signedInAdvance>[0]) => {
  secret ??= fetchSecret();
  const { SecretString } = JSON.parse(await secret) as { SecretString: string };
  JSON.parse(SecretString);
  return await callUpstream(signedInAdvance(event));
};

function fetchSecret(): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = {
      "content-type": "application/x-amz-json-1.1",
      "x-amz-target": "secretsmanager.GetSecretValue",
    };
    const sent = request(
      process.env["AWS_ENDPOINT_URL_SECRETS_MANAGER"] as string,
      { method: "POST", headers },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk: string) => {
          text += chunk;
        });
        response.on("end", () => resolve(text));
      },
    );
    sent.on("error", reject);
    sent.end(JSON.stringify({ SecretId: process.env["WORKSPACE_SECRET_ID"] }));
  });
}
