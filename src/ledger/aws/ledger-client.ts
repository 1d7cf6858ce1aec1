/** What of the AWS SDK is used, in a module of its own: a bundler cannot drop the rest of a lazy `import()`. */
export {
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
} from "@aws-sdk/client-dynamodb";
