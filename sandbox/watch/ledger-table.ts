import { mkdir } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { LEDGER_TABLE } from "../../src/ledger/definition.ts";
import type { Serving } from "../serve.ts";

export const LOCAL_LEDGER = "ledger";

/** @param folder Where it is kept; `null` for as long as it runs. */
export async function serveLedger(folder: string | null): Promise<Serving> {
  // Not at the top: npm start is up before anybody watches.
  const { CreateTableCommand, DynamoDBClient } = await import("@aws-sdk/client-dynamodb");
  const { default: dynalite } = await import("dynalite");
  if (folder !== null) await mkdir(folder, { recursive: true });
  const server = dynalite({ createTableMs: 0, ...(folder !== null && { path: folder }) });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "MADEUP", secretAccessKey: "made-up" };
  const client = new DynamoDBClient({ endpoint: url, region: "us-east-1", credentials });
  try {
    await client.send(new CreateTableCommand({ TableName: LOCAL_LEDGER, ...LEDGER_TABLE }));
  } catch (error) {
    // Of an earlier start.
    if ((error as Error).name !== "ResourceInUseException") throw error;
  } finally {
    client.destroy();
  }
  return {
    url,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        // Kept-alive connections would hold the process for as long as their clients like.
        server.closeAllConnections();
      }),
  };
}
