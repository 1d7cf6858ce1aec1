const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
const partition = (AttributeName: string) => ({ AttributeName, KeyType: "HASH" as const });
const sort = (AttributeName: string) => ({ AttributeName, KeyType: "RANGE" as const });
const index = (name: string) => ({
  IndexName: name,
  KeySchema: [partition(name), sort("order")],
  Projection: { ProjectionType: "ALL" as const },
});

/**
 * The ledger's table, as CloudFormation and CreateTable both write it: `deploy/watch.yml` holds the same, and a test compares
 * the two.
 */
export const LEDGER_TABLE = {
  BillingMode: "PAY_PER_REQUEST" as const,
  AttributeDefinitions: ["pk", "sk", "by_user", "by_name", "order"].map(text),
  KeySchema: [partition("pk"), sort("sk")],
  GlobalSecondaryIndexes: [index("by_user"), index("by_name")],
};
