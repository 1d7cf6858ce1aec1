import { costTable } from "./cost/cost.ts";

/** `npm run cost`: what a month costs at three sizes, as the table in docs/cost.md. */
process.stdout.write(`${costTable()}\n`);
