// JavaScript, because the official SDK's own declarations do not pass a strict compiler.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { BasicCredentials } from "@huaweicloud/huaweicloud-sdk-core";
import { ClientBuilder } from "@huaweicloud/huaweicloud-sdk-core/ClientBuilder.js";

const secretsManager = new SecretsManagerClient({});

let client;

/**
 * The official SDK as it can be installed from npm: its core, with the request described by hand, since its
 * Workspace client is not published. The client is made once per container.
 */
export const handler = async (event) => {
  client ??= makeClient();
  const hcClient = await client;
  const { desktop_detach_infos } = await hcClient.sendRequest({
    method: "GET",
    url: "/v2/{project_id}/desktops/{desktop_id}/detach-info",
    contentType: "application/json",
    queryParams: {},
    pathParams: {
      project_id: process.env.BENCH_PROJECT_ID,
      desktop_id: event.pathParameters.desktop_id,
    },
    headers: {},
    data: {},
  });
  return { statusCode: 200, body: JSON.stringify({ unbindings: desktop_detach_infos.slice(0, 1000) }) };
};

async function makeClient() {
  const { SecretString } = await secretsManager.send(
    new GetSecretValueCommand({ SecretId: process.env.WORKSPACE_SECRET_ID }),
  );
  const { access_key, secret_key, project_id } = JSON.parse(SecretString);
  return new ClientBuilder((made) => made)
    .withCredential(new BasicCredentials().withAk(access_key).withSk(secret_key).withProjectId(project_id))
    .withEndpoint(process.env.WORKSPACE_ENDPOINT)
    .build();
}
