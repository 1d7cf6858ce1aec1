import { randomUUID } from "node:crypto";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Expected, Item, Key, NewItem, Page, Query, Table } from "../table.ts";

type Sdk = typeof import("./ledger-client.ts");
type DynamoDbClient = InstanceType<Sdk["DynamoDBClient"]>;
type Attributes = Record<string, AttributeValue>;

export interface DynamoTableParts {
  /** The table's name. */
  table: string;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
  /** For tests: a client of their own. */
  makeClient?: ((sdk: Sdk) => DynamoDbClient) | undefined;
}

/** DynamoDB as the ledger's table. */
export function createDynamoTable({ table, wallNow, makeClient }: DynamoTableParts): Table {
  let client: DynamoDbClient | undefined;

  /** Loaded by the first who asks: not every call of a function has a question for the ledger. */
  async function open(): Promise<{ sdk: Sdk; client: DynamoDbClient }> {
    const sdk = await import("./ledger-client.ts");
    client ??= makeClient ? makeClient(sdk) : new sdk.DynamoDBClient({ maxAttempts: 4 });
    return { sdk, client };
  }

  const nowInSeconds = () => Math.floor(wallNow() / 1000);
  const isLive = (attributes: Attributes | undefined): attributes is Attributes => {
    const expiresAt = attributes?.["expires_at"]?.N;
    return attributes !== undefined && (expiresAt === undefined || Number(expiresAt) > nowInSeconds());
  };

  return {
    async get<T>({ pk, sk }: Key) {
      const { sdk, client } = await open();
      const Key = { pk: { S: pk }, sk: { S: sk } };
      const { Item: found } = await client.send(
        new sdk.GetItemCommand({ TableName: table, Key, ConsistentRead: true }),
      );
      return isLive(found) ? itemOf<T>(found) : null;
    },
    async put(item, expected) {
      const { sdk, client } = await open();
      const nonce: AttributeValue = { S: randomUUID() };
      const command = new sdk.PutItemCommand({
        TableName: table,
        Item: { ...attributesOf(item), rev: { N: String(revAfter(expected)) }, nonce },
        ...conditionOf(expected, nonce, nowInSeconds()),
      });
      return await isMet(client.send(command));
    },
    async remove({ pk, sk }, expected) {
      const { sdk, client } = await open();
      const condition =
        expected === "any"
          ? {}
          : {
              // A second attempt may find that the first one deleted it and could not tell us.
              ConditionExpression: "attribute_not_exists(pk) OR rev = :rev",
              ExpressionAttributeValues: { ":rev": { N: String(expected) } },
            };
      const Key = { pk: { S: pk }, sk: { S: sk } };
      return await isMet(client.send(new sdk.DeleteItemCommand({ TableName: table, Key, ...condition })));
    },
    async query<T>(query: Query) {
      const { sdk, client } = await open();
      const { Items: found = [], LastEvaluatedKey: last } = await client.send(
        new sdk.QueryCommand({ TableName: table, ...expressionOf(query) }),
      );
      const sort = query.index === undefined ? "sk" : "order";
      const page: Page<T> = {
        items: found.filter(isLive).map((attributes) => itemOf<T>(attributes)),
        next: last?.[sort]?.S ?? null,
      };
      return page;
    },
  };
}

async function isMet(sending: Promise<unknown>): Promise<boolean> {
  try {
    await sending;
    return true;
  } catch (error) {
    if ((error as Error).name === "ConditionalCheckFailedException") return false;
    throw error;
  }
}

function revAfter(expected: Expected): number {
  return typeof expected === "number" ? expected + 1 : 1;
}

/** The SDK tries again where an answer was lost: then it finds what its first attempt wrote, by the nonce. */
function conditionOf(expected: Expected, nonce: AttributeValue, now: number) {
  if (expected === "any") return {};
  return expected === "absent"
    ? {
        // DynamoDB deletes what has expired when it finds the time, which may be days later.
        ConditionExpression: "attribute_not_exists(pk) OR expires_at <= :now OR nonce = :nonce",
        ExpressionAttributeValues: { ":now": { N: String(now) }, ":nonce": nonce },
      }
    : {
        ConditionExpression: "rev = :rev OR nonce = :nonce",
        ExpressionAttributeValues: { ":rev": { N: String(expected) }, ":nonce": nonce },
      };
}

function expressionOf({ pk, index, after, isDescending = false, limit }: Query) {
  const [partition, sort] = index === undefined ? ["pk", "sk"] : [index, "order"];
  const isBehind = after === undefined ? "" : ` AND #sort ${isDescending ? "<" : ">"} :after`;
  return {
    KeyConditionExpression: `#partition = :pk${isBehind}`,
    ExpressionAttributeNames: { "#partition": partition, ...(after !== undefined && { "#sort": sort }) },
    ExpressionAttributeValues: { ":pk": { S: pk }, ...(after !== undefined && { ":after": { S: after } }) },
    ScanIndexForward: !isDescending,
    ...(index === undefined ? { ConsistentRead: true } : { IndexName: index }),
    ...(limit !== undefined && { Limit: limit }),
  };
}

function attributesOf<T>({ pk, sk, data, expiresAt, byUser, byName, order }: NewItem<T>): Attributes {
  const attributes: Attributes = { pk: { S: pk }, sk: { S: sk }, data: { S: JSON.stringify(data) } };
  if (expiresAt !== null) attributes["expires_at"] = { N: String(expiresAt) };
  if (byUser) attributes["by_user"] = { S: byUser };
  if (byName) attributes["by_name"] = { S: byName };
  if (order) attributes["order"] = { S: order };
  return attributes;
}

function itemOf<T>(attributes: Attributes): Item<T> {
  const { pk, sk, rev, data, expires_at: expiresAt, by_user: byUser, by_name: byName, order } = attributes;
  return {
    pk: pk?.S as string,
    sk: sk?.S as string,
    rev: Number(rev?.N),
    data: JSON.parse(data?.S as string) as T,
    expiresAt: expiresAt === undefined ? null : Number(expiresAt.N),
    byUser: byUser?.S ?? null,
    byName: byName?.S ?? null,
    order: order?.S ?? null,
  };
}
