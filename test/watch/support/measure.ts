import { createFleet } from "./fleet.ts";
import { aReceiver, createWorld } from "./world.ts";

/**
 * A process of its own, so that its memory can be told: the first run over a fleet, and the one after 25 lost somebody. The table and
 * the fleet are in the same memory.
 */

const LOST = 25;
const count = Number(process.argv[2]);
const fleet = createFleet(count);
const chat = aReceiver("chat");
const world = createWorld({ fleet, receivers: [chat] });
await world.next();
for (let index = 0; index < LOST; index++) fleet.unbind(Math.floor((index * count) / LOST), 0);
const startedAt = process.uptime();
let [calls, pages, callsUntilTold, secondsUntilTold] = [0, 0, 0, 0];
const outcome = await world.next(({ kind, name }) => {
  if (kind === "upstream") calls += 1;
  if (name === "list") pages += 1;
  if (kind === "channel" && callsUntilTold === 0) {
    callsUntilTold = calls;
    secondsUntilTold = process.uptime() - startedAt;
  }
  return "fine";
});
const told = chat.received.events.length;
const messages = chat.received.messages.length - 1;
const megabytes = process.resourceUsage().maxRSS / 1024;
process.stdout.write(
  JSON.stringify({ outcome, calls, pages, callsUntilTold, secondsUntilTold, told, messages, megabytes }),
);
