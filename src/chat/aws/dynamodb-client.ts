/** What of the AWS SDK is used, in a module of its own: a bundler cannot drop the rest of a lazy `import()`. */
export { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";
