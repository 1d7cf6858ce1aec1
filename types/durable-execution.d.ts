// Middy's types name this optional peer, which nothing here uses.
declare module "@aws/durable-execution-sdk-js" {
  export type DurableContext = never;
}
