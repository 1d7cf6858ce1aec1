import { parseArgs } from "node:util";
import { createDynamoTable } from "../src/ledger/aws/dynamodb-table.ts";
import { exportChanges } from "../src/ledger/export.ts";
import { forgetPerson } from "../src/ledger/forget.ts";
import type { Table } from "../src/ledger/table.ts";

/** `npm run ledger -- forget <user>`, `… export --since 30d`: with the operator's own rights. */

const USAGE = `Usage: npm run ledger -- forget <user ID or name> --table <name> [--profile <name>] [--channel <name> …]
       npm run ledger -- export [--since 30d] --table <name> [--profile <name>]

  forget     takes a person out of the ledger
  export     writes what happened as JSON lines, in the order in which it was found out
  --table    the ledger's table; by default LEDGER_TABLE
  --profile  whose ledger; by default "default"
  --channel  a channel whose outbox is looked through as well; can be given several times
  --since    how many days back, such as 30d; by default all that is kept
`;

const DAY_MS = 86_400_000;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    table: { type: "string" },
    profile: { type: "string", default: "default" },
    channel: { type: "string", multiple: true, default: [] },
    since: { type: "string" },
  },
});
const [command, who] = positionals;
const days = values.since === undefined ? null : /^(\d{1,5})d$/.exec(values.since)?.[1];
const name = values.table ?? process.env["LEDGER_TABLE"];
const table = name ? createDynamoTable({ table: name, wallNow: Date.now }) : null;
if (table && command === "forget" && who) await forget(table, who);
else if (table && command === "export" && days !== undefined) {
  const since = days === null ? 0 : Date.now() - Number(days) * DAY_MS;
  for await (const event of exportChanges(table, values.profile, since))
    process.stdout.write(`${JSON.stringify(event)}\n`);
} else {
  process.stderr.write(USAGE);
  process.exitCode = 1;
}

async function forget(ledger: Table, person: string): Promise<void> {
  const channels = ["bus", ...values.channel.map((channel) => `c:${channel}`)];
  const { events, changes, bindings, outbox } = await forgetPerson(ledger, values.profile, person, channels);
  process.stdout.write(
    `Removed ${events} events, ${changes} changes, ${bindings} bindings and ${outbox} entries of outboxes.\n` +
      "Their marks stay: nothing of it will be told as new.\n",
  );
}
