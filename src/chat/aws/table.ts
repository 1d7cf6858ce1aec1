import { randomUUID } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { type Claims, REMEMBERED_MS } from "../claims.ts";

type Sdk = typeof import("./dynamodb-client.ts");
type DynamoDbClient = InstanceType<Sdk["DynamoDBClient"]>;

/**
 * A DynamoDB table with the key `id` and the time to live `expires_at`: it outlives containers, and all of them share it.
 *
 * @param wallNow Milliseconds since the epoch.
 * @param makeClient For tests: a client of their own.
 */
export function createTableClaims(
  table: string,
  wallNow: () => number,
  makeClient?: (sdk: Sdk) => DynamoDbClient,
): Claims {
  // Loaded during init, when Lambda gives a whole CPU; whatever fails is told to those who need it.
  const loading = import("./dynamodb-client.ts");
  loading.catch(() => undefined);
  let client: DynamoDbClient | undefined;

  async function put(item: Record<string, AttributeValue>, condition: object): Promise<void> {
    const sdk = await loading;
    client ??= makeClient ? makeClient(sdk) : new sdk.DynamoDBClient({ maxAttempts: 2 });
    await client.send(new sdk.PutItemCommand({ TableName: table, Item: item, ...condition }));
  }

  function nowInSeconds(): number {
    return Math.floor(wallNow() / 1000);
  }

  return {
    async claim(id) {
      const now = nowInSeconds();
      const claimant = { S: randomUUID() };
      const expiresAt = { N: String(now + REMEMBERED_MS / 1000) };
      try {
        await put(
          { id: { S: id }, expires_at: expiresAt, claimant },
          {
            // DynamoDB deletes what has expired when it finds the time, which may be days later. And a second attempt may
            // find what the first one wrote and could not tell us.
            ConditionExpression: "attribute_not_exists(id) OR expires_at <= :now OR claimant = :claimant",
            ExpressionAttributeValues: { ":now": { N: String(now) }, ":claimant": claimant },
          },
        );
        return true;
      } catch (error) {
        if ((error as Error).name === "ConditionalCheckFailedException") return false;
        throw error;
      }
    },
    async release(id) {
      // Expired, and not deleted: to put is all that the function may do.
      await put({ id: { S: id }, expires_at: { N: String(nowInSeconds()) } }, {});
    },
  };
}
