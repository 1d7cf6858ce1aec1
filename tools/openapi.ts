import { writeFile } from "node:fs/promises";
import { buildDocument } from "./openapi/document.ts";

/** `npm run openapi`: writes `openapi.json` anew. A test tells when that is due. */
await writeFile("openapi.json", `${JSON.stringify(await buildDocument(), null, 2)}\n`);
