// Runs on any Node, so that whoever has the wrong one is told so instead of meeting a syntax error.
// npm puts node_modules/.bin first in PATH, where `npm ci` lays the pinned Node on Linux.
const WANTED = 24;
const major = Number(process.versions.node.split(".")[0]);
if (major < WANTED) {
  process.stderr.write(
    `This project runs on Node.js ${WANTED} or newer, and this is ${process.version}. On Linux (x64, arm64) ` +
      "`npm ci` brings the right one; elsewhere, install it first. Start everything through `npm run`.\n",
  );
  process.exit(1);
}
