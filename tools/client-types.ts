import { writeFile } from "node:fs/promises";
import { clientTypes } from "./client/types.ts";

/** `npm run client-types`: writes the client's types anew. A test tells when that is due. */
await writeFile("src/client/types.ts", clientTypes());
