import { parseArgs } from "node:util";
import { createDynamoTable } from "../src/ledger/aws/dynamodb-table.ts";
import { forgetPerson } from "../src/ledger/forget.ts";

/** `npm run ledger -- forget <user>`: takes a person out of the ledger. With the operator's own rights. */

const USAGE = `Usage: npm run ledger -- forget <user ID or name> --table <name> [--profile <name>] [--channel <name> …]

  --table    the ledger's table; by default LEDGER_TABLE
  --profile  whose ledger; by default "default"
  --channel  a channel whose outbox is looked through as well; can be given several times
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    table: { type: "string" },
    profile: { type: "string", default: "default" },
    channel: { type: "string", multiple: true, default: [] },
  },
});
const [command, who] = positionals;
const table = values.table ?? process.env["LEDGER_TABLE"];
if (command !== "forget" || !who || !table) {
  process.stderr.write(USAGE);
  process.exitCode = 1;
} else {
  const ledger = createDynamoTable({ table, wallNow: Date.now });
  const channels = ["bus", ...values.channel.map((name) => `c:${name}`)];
  const { events, changes, bindings, outbox } = await forgetPerson(ledger, values.profile, who, channels);
  process.stdout.write(
    `Removed ${events} events, ${changes} changes, ${bindings} bindings and ${outbox} entries of outboxes.\n` +
      "Their marks stay: nothing of it will be told as new.\n",
  );
}
