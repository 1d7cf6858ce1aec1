import { UNBIND_PATH } from "../sandbox/watch/watching.ts";

/** `npm run unbind -- WIN-ALICE alice`: unbinds somebody in the sandbox of a running `npm start`. */

const [desktop, user] = process.argv.slice(2);
const port = process.env["PORT"] || "3000";
if (!desktop || !user) {
  process.stderr.write("Usage: npm run unbind -- <desktop name> <user name>\n");
  process.exitCode = 1;
} else {
  const answer = await fetch(`http://localhost:${port}${UNBIND_PATH}`, {
    method: "POST",
    body: JSON.stringify({ desktop, user }),
  }).catch(() => null);
  const { is_unbound: isUnbound } = answer?.ok
    ? ((await answer.json()) as { is_unbound: boolean })
    : { is_unbound: null };
  if (isUnbound === null) process.stderr.write(`There is no npm start with a sandbox on port ${port}.\n`);
  else if (!isUnbound) process.stderr.write(`${user} is not bound to ${desktop}.\n`);
  else
    process.stdout.write(
      `${user} is unbound from ${desktop}. The terminal of npm start shows who is told.\n`,
    );
  process.exitCode = isUnbound ? 0 : 1;
}
