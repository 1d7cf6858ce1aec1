import { WATCH_PATH } from "../sandbox/watch/watching.ts";

/** `npm run watch`: one run of the watch of a running `npm start`, and what it saw. */

const port = process.env["PORT"] || "3000";
const answer = await fetch(`http://localhost:${port}${WATCH_PATH}`, { method: "POST" }).catch(() => null);
if (answer?.ok) {
  process.stdout.write(`${JSON.stringify(await answer.json(), null, 2)}\n`);
} else {
  process.stderr.write(`There is no npm start with a sandbox on port ${port}.\n`);
  process.exitCode = 1;
}
