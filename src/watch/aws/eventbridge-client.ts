/** What of the AWS SDK is used, in a module of its own: a bundler cannot drop the rest of a lazy `import()`. */
export { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
