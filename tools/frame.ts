import { parseArgs } from "node:util";
import { framesIn, sourcesOf } from "./frame/frame.ts";

/** `npm run frame -- <line>`: finds the lines of the source for the frames in a log line. */
const { positionals } = parseArgs({ allowPositionals: true });
const frames = framesIn(positionals.join(" "));
if (frames.length === 0) {
  process.stderr.write(
    "npm run frame -- '<a log line with frames, or a frame such as http/index.mjs:1:2345>'\n",
  );
  process.exitCode = 1;
}
for (const { logged, source } of await sourcesOf(frames, "dist")) {
  process.stdout.write(`${logged}  ${source}\n`);
}
