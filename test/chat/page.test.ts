import { globSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createChatSecretParser } from "../../src/chat/chat-secret.ts";
import { parseCommand } from "../../src/chat/command.ts";
import type { Tools } from "../../src/chat/platform.ts";
import { slack } from "../../src/chat/platforms/slack.ts";
import { PLATFORMS } from "../../src/chat/platforms.ts";
import { textsIn } from "../../src/chat/texts.ts";
import { parseQuery } from "../../src/contract/query.ts";
import { chatStage } from "../support/chat.ts";

/** What docs/chat.md tells operators and helpdesks, held to the code. */

const PAGE = readFileSync("docs/chat.md", "utf8");
const CODE = globSync("src/chat/**/*.ts")
  .map((file) => readFileSync(file, "utf8"))
  .join("\n");

/** The rows of the table under that heading whose header begins with that cell, without their markup. */
function table(heading: string, firstHeader: string): string[][] {
  const section = PAGE.slice(PAGE.indexOf(`# ${heading}\n`));
  const start = section.indexOf(`| ${firstHeader} |`);
  const [rows = ""] = section.slice(start).split("\n\n");
  return rows
    .trimEnd()
    .split("\n")
    .slice(2)
    .map((row) => row.slice(2, -2).split(" | "));
}

const bare = (cell = "") => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text);

const SECRET = JSON.parse(/^<!-- chat secret -->\n```json\n(.*?)^```$/ms.exec(PAGE)?.[1] ?? "");

const tools = {} as Tools;
const open = (secret: object) => createChatSecretParser(PLATFORMS, tools)(JSON.stringify(secret));

describe("the commands of the page on chat", () => {
  it.each(table("Commands", "typed").map(([typed]) => bare(typed)[0] ?? ""))("%s is understood", (typed) => {
    const command = parseCommand(`/unbound ${typed}`);
    expect(command.kind).toBe(typed === "help" ? "help" : "lookup");
    if (command.kind !== "lookup") return;
    expect(() => parseQuery({ desktop_name: "x", ...command.options }, Date.now())).not.toThrow();
  });

  it("are summed up as the help does", () => {
    const [, usage = ""] = /^(\/unbound <.+)$/m.exec(PAGE) ?? [];
    expect(usage).toBe(textsIn("en").usage("/unbound", true));
  });

  it("are as many as there are options", () => {
    const typed = table("Commands", "typed").flatMap(([cell]) => bare(cell));
    for (const option of ["since", "until", "user", "type", "limit", "profile", "fresh"]) {
      expect(typed.some((each) => each.includes(`${option}=`))).toBe(true);
    }
  });
});

describe("the chat secret of the page", () => {
  it.each(PLATFORMS)("has a section that $name can use", (platform) => {
    expect(() => open(SECRET).channelOf(platform)).not.toThrow();
  });

  it("has each key explained, and explains no other", () => {
    const keys = Object.entries<Record<string, unknown>>(SECRET).flatMap(([platform, section]) =>
      Object.keys(section)
        .filter((key) => key !== "allow")
        .map((key) => `${platform}.${key}`),
    );
    const explained = table("1. The chat secret", "key").flatMap(([cell]) => bare(cell));
    expect(explained).toEqual([...keys, "….allow"]);
  });

  it.each(
    table("Who may ask", "platform").map(([platform, lists]) => [bare(platform)[0] ?? "", bare(lists)]),
  )("has every allow-list that %s knows", (name, lists) => {
    const platform = PLATFORMS.find((each) => each.name === name);
    expect(Object.keys(SECRET[name as string].allow)).toEqual(lists);
    const faulty = open({ ...SECRET, [name as string]: { ...SECRET[name as string], allow: "some" } });
    expect(() => platform && faulty.channelOf(platform)).toThrow(
      expect.objectContaining({
        detail: expect.stringContaining(`lists: ${(lists as string[]).join(", ")}.`),
      }),
    );
  });
});

describe("the page on chat", () => {
  it("tells how long a lookup may take on each platform", () => {
    const told = table("What each platform can do", "platform").map(([, , gets]) => gets);
    const held = PLATFORMS.map(({ lookupMs }) =>
      Number.isFinite(lookupMs) ? `${lookupMs / 1000} s` : "`requestBudgetMs`",
    );
    expect(told).toEqual(held);
  });

  it("has every variable of chat, with its parameter and its default", () => {
    const told = table("2. Deploy", "variable").map((cells) =>
      cells.slice(0, 3).map((cell) => bare(cell)[0]),
    );
    const used = [...readFileSync("src/chat/config.ts", "utf8").matchAll(/"(CHAT_\w+)"/g)].map(
      ([, name]) => name,
    );
    expect(told.map(([name]) => name)).toEqual([...new Set(used)]);
    const deployed = parse(readFileSync("serverless.yml", "utf8"), { logLevel: "error" }).params.default;
    for (const [variable, parameter, value = ""] of told) {
      if (parameter === undefined) continue;
      expect(deployed[parameter], parameter).toBe(value);
      expect(readFileSync("deploy/chat.yml", "utf8")).toContain(`${variable}: \${param:${parameter}}`);
    }
  });

  it("has a manifest for Slack with our command at our address", () => {
    const manifest = parse(/^```yaml\n(.*?)^```$/ms.exec(PAGE)?.[1] ?? "");
    const [command] = manifest.features.slash_commands;
    expect(command.command).toBe(slack.prefix);
    expect(new URL(command.url).pathname).toBe("/chat/slack");
    expect(command.should_escape).toBe(false);
    expect(manifest.oauth_config.scopes).toEqual({ bot: ["commands"] });
  });

  it.each(PLATFORMS)(
    "rightly says that $name answers 401 when it is asked with nothing",
    async ({ name }) => {
      const nothing = { method: "POST" as const, path: `/chat/${name}`, query: "", headers: {}, body: "" };
      expect(await chatStage().ask(nothing)).toMatchObject({ statusCode: 401, body: "" });
    },
  );

  it("names no line of the log, and no reason, that the code does not write", () => {
    const named = table("When it does not answer", "symptom").flatMap(([, log]) => bare(log));
    const ours = named.filter((word) => /^[a-z]/.test(word) && !["cause", "reason"].includes(word));
    expect(ours.length).toBeGreaterThan(7);
    for (const word of ours) {
      const isOfAll = word === "configuration_invalid";
      expect(isOfAll || CODE.includes(`"${word}"`), word).toBe(true);
    }
  });
});
