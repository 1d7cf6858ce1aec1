import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What stands in for AWS answers. */
export interface Account {
  /** Names of the stack's resources; `null` where there is no stack. */
  resources: readonly string[] | null;
  /** The template that the stack was made of. */
  template?: object;
  /** The status with which S3 answers a look at a bucket. */
  bucketStatus: number;
  /** CloudFormation's answer to every question, if it refuses. */
  refusal: string | null;
}

const PAGE = 3;

/** CloudFormation, S3 and STS on loopback: they answer questions, refuse whatever would change something, and keep a list. */
export async function serveAccount(account: Account) {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const chunk of request) body += chunk;
    const fields = new URLSearchParams(body);
    const action = fields.get("Action") ?? `${request.method} ${request.url}`;
    asked.push(action);
    if (action.startsWith("HEAD ")) return void response.writeHead(account.bucketStatus).end();
    if (action === "GetCallerIdentity") return answer(response, action, IDENTITY);
    if (account.refusal !== null) return refuse(response, "AccessDenied", account.refusal);
    if (account.resources === null)
      return refuse(response, "ValidationError", "Stack with id x does not exist");
    if (action === "ListStackResources") return answer(response, action, page(account.resources, fields));
    if (action === "GetTemplate") {
      const body = JSON.stringify(account.template ?? { Resources: {} })
        .replaceAll("&", "&amp;")
        .replaceAll("<", "&lt;");
      return answer(response, action, `<TemplateBody>${body}</TemplateBody>`);
    }
    return refuse(response, "StandIn", `nothing is changed here: ${action}`);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const services = ["CLOUDFORMATION", "S3", "STS", "LAMBDA"];
  return {
    asked,
    env: {
      ...Object.fromEntries(services.map((service) => [`AWS_ENDPOINT_URL_${service}`, url])),
      AWS_ACCESS_KEY_ID: "MADEUP",
      AWS_SECRET_ACCESS_KEY: "made-up",
      SLS_AWS_REQUEST_MAX_RETRIES: "0",
    },
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const IDENTITY = "<Arn>arn:aws:iam::111122223333:user/deployer</Arn><Account>111122223333</Account>";

function page(resources: readonly string[], fields: URLSearchParams): string {
  const start = Number(fields.get("NextToken") ?? 0);
  const members = resources
    .slice(start, start + PAGE)
    .map((id) => `<member><LogicalResourceId>${id}</LogicalResourceId></member>`);
  const next = start + PAGE < resources.length ? `<NextToken>${start + PAGE}</NextToken>` : "";
  return `<StackResourceSummaries>${members.join("")}</StackResourceSummaries>${next}`;
}

function answer(response: ServerResponse, action: string, result: string): void {
  response.writeHead(200, { "content-type": "text/xml" });
  response.end(`<${action}Response><${action}Result>${result}</${action}Result></${action}Response>`);
}

function refuse(response: ServerResponse, code: string, message: string): void {
  response.writeHead(code === "AccessDenied" ? 403 : 400, { "content-type": "text/xml" });
  response.end(
    `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`,
  );
}
