import { CreateTableCommand, type CreateTableCommandInput, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import dynalite from "dynalite";

type TableDefinition = Omit<CreateTableCommandInput, "TableName">;

/** Key and billing as they are deployed for chat. */
const CHAT_TABLE: TableDefinition = {
  AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
  KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
  BillingMode: "PAY_PER_REQUEST",
};

/** DynamoDB on loopback, with one table in it. */
export async function serveTable(name: string, definition: TableDefinition = CHAT_TABLE) {
  const server = dynalite({ createTableMs: 0 });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as { port: number }).port}`;
  const client = dynamodbAt(url);
  await client.send(new CreateTableCommand({ TableName: name, ...definition }));
  return {
    url,
    client,
    close() {
      client.destroy();
      server.close();
    },
  };
}

/** A client of it, or of what stands in between. */
export function dynamodbAt(endpoint: string): DynamoDBClient {
  const credentials = { accessKeyId: "MADEUP", secretAccessKey: "made-up" };
  return new DynamoDBClient({ endpoint, region: "us-east-1", credentials, maxAttempts: 2 });
}
