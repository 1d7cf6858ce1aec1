import { readdirSync, readFileSync, statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAccessPolicy } from "../../src/access/policy.ts";
import { ERROR_CODES } from "../../src/contract/errors.ts";
import { parseWorkspaceSecret } from "../../src/secrets/workspace-secret.ts";
import { markedBlocks, PAGES } from "../support/pages.ts";

const read = (page: string) => readFileSync(page, "utf8");
const readme = read("README.md");

describe("the README", () => {
  it("is a shop window: at most 220 lines", () => {
    expect(readme.trimEnd().split("\n").length).toBeLessThanOrEqual(220);
  });

  it("shows pictures, and they are small", () => {
    const pictures = [...readme.matchAll(/<img src="([^"]+)"/g)].map(([, path = ""]) => path);
    expect(pictures).toEqual(["docs/images/console.png", "docs/images/chat-card.png"]);
    for (const picture of pictures) expect(statSync(picture).size, picture).toBeLessThan(200_000);
  });

  it("has a door in each row of its table, with a page that exists or is awaited", () => {
    const doors = [...readme.matchAll(/^\| `?(\w+)`? \| .+ \| .*\]\(docs\/[\w-]+\.md/gm)].map(
      ([, door]) => door,
    );
    expect(doors).toEqual([
      "HTTPS",
      "invoke",
      "client",
      "chat",
      "assistants",
      "watch",
      "ledger",
      "sweep",
      "console",
      "reference",
      "doctor",
    ]);
  });

  it("says how many kinds of failure are tested", () => {
    const rows = read("test/faults/README.md").match(/^\| \d+ \|/gm) ?? [];
    expect(readme).toContain(`[${rows.length} kinds of failure](test/faults/README.md)`);
  });
});

describe("the page for agents", () => {
  const page = read("AGENTS.md");

  it("fits on a screen or two", () => {
    expect(page.split("\n").length).toBeLessThanOrEqual(60);
  });

  it("names every room of the source", () => {
    const named = [...page.matchAll(/^\| (`.+`) \|/gm)].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, room]) => room),
    );
    const rooms = readdirSync("src", { withFileTypes: true }).filter((each) => each.isDirectory());
    expect(named).toEqual(expect.arrayContaining(rooms.map(({ name }) => name)));
  });
});

describe("the page on errors", () => {
  it("names every code, with its status and whether to retry, and no other", () => {
    const rows = [...read("docs/errors.md").matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (yes|no) \| /gm)].map(
      (row) => row.slice(1),
    );
    const table = Object.entries(ERROR_CODES).map(([code, { status, retryable }]) => [
      code,
      String(status),
      retryable ? "yes" : "no",
    ]);
    expect(rows).toEqual(table);
  });
});

describe("the page on the API", () => {
  it("has every route of the OpenAPI document", () => {
    const { paths } = JSON.parse(read("openapi.json")) as { paths: Record<string, object> };
    for (const [path, operations] of Object.entries(paths)) {
      for (const method of Object.keys(operations)) {
        expect(read("docs/api.md")).toMatch(
          new RegExp(`\`${method} ${path.replace(/[{}.]/g, "\\$&")}\\b`, "i"),
        );
      }
    }
  });
});

describe("what the pages show", () => {
  it.each(PAGES.flatMap((page) => markedBlocks(page, "secret").map((secret) => ({ page, secret }))))(
    "is a secret that the function can read: $page",
    ({ secret }) => {
      const { profiles = { default: null } } = JSON.parse(secret);
      expect([...parseWorkspaceSecret(secret, null).byName.keys()]).toEqual(Object.keys(profiles));
    },
  );

  it("is a secret with one profile, and one with several", () => {
    const secrets = PAGES.flatMap((page) => markedBlocks(page, "secret"));
    expect(secrets.some((secret) => secret.includes('"profiles"'))).toBe(true);
    expect(secrets.some((secret) => !secret.includes('"profiles"'))).toBe(true);
  });

  it.each(PAGES.flatMap((page) => markedBlocks(page, "access policy").map((policy) => ({ page, policy }))))(
    "is an access policy that is one: $page",
    ({ policy }) => {
      expect(parseAccessPolicy(policy).faults).toBeNull();
    },
  );
});
