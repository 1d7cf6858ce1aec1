import { type Claim, REMEMBERED_MS } from "../once.ts";

type Sdk = typeof import("./dynamodb-client.ts");
type Client = InstanceType<Sdk["DynamoDBClient"]>;

/**
 * A DynamoDB table with the key `id` and the time to live `expires_at`: it outlives containers, and all of them share it.
 *
 * @param wallNow Milliseconds since the epoch.
 * @param makeClient For tests: a client of their own.
 */
export function createTableClaim(
  table: string,
  wallNow: () => number,
  makeClient?: (sdk: Sdk) => Client,
): Claim {
  // Loaded during init, when Lambda gives a whole CPU; whatever fails is told to those who need it.
  const loading = import("./dynamodb-client.ts");
  loading.catch(() => undefined);
  let client: Client | undefined;
  return async (id) => {
    const sdk = await loading;
    client ??= makeClient ? makeClient(sdk) : new sdk.DynamoDBClient({ maxAttempts: 2 });
    const now = Math.floor(wallNow() / 1000);
    try {
      await client.send(
        new sdk.PutItemCommand({
          TableName: table,
          Item: { id: { S: id }, expires_at: { N: String(now + REMEMBERED_MS / 1000) } },
          // DynamoDB deletes what has expired when it finds the time, which may be days later.
          ConditionExpression: "attribute_not_exists(id) OR expires_at <= :now",
          ExpressionAttributeValues: { ":now": { N: String(now) } },
        }),
      );
      return true;
    } catch (error) {
      if ((error as Error).name === "ConditionalCheckFailedException") return false;
      throw error;
    }
  };
}
