import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core";
import { ClientBuilder } from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js";
import type { HcClient } from "@huaweicloud/huaweicloud-sdk-core/HcClient.js";

const secretsManager = new SecretsManagerClient({});

let client: Promise<HcClient> | undefined;

/**
 * The official SDK as it can be installed from npm: its core, with the request described by hand, since its
 * Workspace client is not published. The client is made once per container.
 */
export const handler = async (event: { pathParameters: { desktop_id: string } }) => {
  client ??= makeClient();
  const answer = (await (
    await client
  ).sendRequest({
    method: "GET",
    url: "/v2/{project_id}/desktops/{desktop_id}/detach-info",
    contentType: "application/json",
    queryParams: {},
    pathParams: {
      project_id: process.env["BENCH_PROJECT_ID"] as string,
      desktop_id: event.pathParameters.desktop_id,
    },
    headers: {},
    data: {},
  } as never)) as { desktop_detach_infos: unknown[] };
  return {
    statusCode: 200,
    body: JSON.stringify({ unbindings: answer.desktop_detach_infos.slice(0, 1000) }),
  };
};

async function makeClient(): Promise<HcClient> {
  const { SecretString = "" } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: process.env["WORKSPACE_SECRET_ID"] }),
  );
  const { access_key, secret_key, project_id } = JSON.parse(SecretString) as Record<string, string>;
  const credentials = new BasicCredentials()
    .withAk(access_key as string)
    .withSk(secret_key as string)
    .withProjectId(project_id as string);
  return new ClientBuilder<HcClient>((made) => made)
    .withCredential(credentials)
    .withEndpoint(process.env["WORKSPACE_ENDPOINT"] as string)
    .build();
}
