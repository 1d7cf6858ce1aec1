import { askInChat, ChatFailed, type Heard } from "../sandbox/chat/ask.ts";
import { CHAT_PLATFORMS } from "../sandbox/chat/requests.ts";
import { print } from "../sandbox/chat/shown.ts";

/** `npm run chat -- <platform> "<text>"`: asks a running `npm start` as a person on that platform would. */

const USAGE = `Asks a running npm start as a person in chat would, and prints what the platform would show.

  npm run chat -- <platform> "<text>"

Platforms: ${CHAT_PLATFORMS.join(", ")}. PORT says where it runs, if not on 3000.

  npm run chat -- slack "/unbound WIN-ALICE"
  npm run chat -- teams "WIN-ALICE WIN-TODAY since=1h"
  npm run chat -- feishu "/unbound WIN-LATE"
  npm run chat -- dingtalk "LINUX-BUILD"
  npm run chat -- wecom "help"
  npm run chat -- webhook "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55 limit=1"
`;

function describe({ platform, shown, isLater, afterMs }: Heard): string {
  const way = isLater ? "in a message" : "in the response";
  const seconds = (afterMs / 1000).toFixed(1);
  return `${platform} to ${shown.to}, ${way} after ${seconds} s:\n\n${print(shown)}\n\n`;
}

async function main([name, ...words]: readonly string[]): Promise<number> {
  const text = words.join(" ").trim();
  if (name === undefined || text === "") {
    process.stdout.write(USAGE);
    return name === undefined ? 0 : 1;
  }
  const platform = CHAT_PLATFORMS.find((known) => known === name.toLowerCase());
  if (!platform) {
    throw new ChatFailed(`There is no platform ${name}. Platforms: ${CHAT_PLATFORMS.join(", ")}.`);
  }
  const api = `http://localhost:${process.env["PORT"] || 3000}`;
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  for await (const heard of askInChat(platform, text, api, timeZone)) process.stdout.write(describe(heard));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof ChatFailed)) throw error;
  process.stderr.write(`npm run chat: ${error.message}\n`);
  process.exitCode = 1;
}
