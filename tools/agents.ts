import { writeFile } from "node:fs/promises";
import { buildSchemas } from "./agents/schemas.ts";

/** `npm run agents`: writes what assistants are told of the tools. A test tells when that is due. */
await write("src/mcp/schemas.json", buildSchemas());
// Only now: it is made of what was just written.
const { buildAgentCoreTools, buildFunctions } = await import("./agents/tools.ts");
await write("agents/agentcore-tools.json", buildAgentCoreTools());
await write("agents/tools.json", buildFunctions());

async function write(path: string, content: unknown): Promise<void> {
  await writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
}
