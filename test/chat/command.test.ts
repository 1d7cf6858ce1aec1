import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Command, MAX_TARGETS, parseCommand } from "../../src/chat/command.ts";
import { cpuMsOf } from "../support/cpu.ts";
import { RUNS } from "../support/runs.ts";

const ID = "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55";

const lookup = (targets: object[], options = {}, isPublic = false) => ({
  kind: "lookup",
  targets,
  options,
  isPublic,
});

describe("a command", () => {
  it.each<[string, object]>([
    ["WIN-ALICE", lookup([{ name: "WIN-ALICE" }])],
    [ID, lookup([{ id: ID }])],
    [ID.toUpperCase(), lookup([{ id: ID.toUpperCase() }])],
    [`WIN-ALICE ${ID}`, lookup([{ name: "WIN-ALICE" }, { id: ID }])],
    [
      "WIN-ALICE since=30d limit=20 public",
      lookup([{ name: "WIN-ALICE" }], { since: "30d", limit: "20" }, true),
    ],
    ["Since=30d WIN-ALICE LIMIT=5", lookup([{ name: "WIN-ALICE" }], { since: "30d", limit: "5" })],
    ["public WIN-ALICE", lookup([{ name: "WIN-ALICE" }], {}, true)],
    ["/unbound WIN-ALICE", lookup([{ name: "WIN-ALICE" }])],
    ["unbound WIN-ALICE", lookup([{ name: "WIN-ALICE" }])],
    ["@unbound unbound WIN-ALICE", lookup([{ name: "WIN-ALICE" }])],
    ["unbound-01", lookup([{ name: "unbound-01" }])],
    ["设计部-01", lookup([{ name: "设计部-01" }])],
    ["WIN-ALICE win-alice", lookup([{ name: "win-alice" }])],
    ['WIN-ALICE user="Design team"', lookup([{ name: "WIN-ALICE" }], { user: "Design team" })],
  ])("%s", (text, expected) => {
    expect(parseCommand(text)).toEqual(expected);
  });

  it.each([",", ";", "，", "；", "、", ", ", "\u3000", "\n", "\t", "&nbsp;", "\u00a0"])(
    "takes %j between desktops",
    (separator) => {
      expect(parseCommand(`WIN-A${separator}WIN-B`)).toEqual(lookup([{ name: "WIN-A" }, { name: "WIN-B" }]));
    },
  );

  it.each([
    '"Design PC"',
    "“Design PC”",
    "„Design PC“",
    "`Design PC`",
    "&quot;Design PC&quot;",
    "＂Design PC＂",
    '"Design PC',
  ])("takes %s for one name", (text) => {
    expect(parseCommand(text)).toEqual(lookup([{ name: "Design PC" }]));
  });

  it.each(['"public"', '"help"', '"since"', "`unbound`"])(
    "takes %s for a name, since it is quoted",
    (text) => {
      expect(parseCommand(text)).toEqual(lookup([{ name: text.slice(1, -1) }]));
    },
  );

  it.each(["—since=30d", "–since=30d", "--since=30d", "-since=30d"])("drops the dashes of %s", (option) => {
    expect(parseCommand(`WIN-A ${option}`)).toEqual(lookup([{ name: "WIN-A" }], { since: "30d" }));
  });

  it.each([
    "<@U024BE7LH> WIN-A",
    "<@U024BE7LH|alice> WIN-A",
    "<!channel> WIN-A",
    "<#C024BE7LR|general> WIN-A",
    "<at>unbound</at>&nbsp;WIN-A\n",
    "<at id='0'>unbound</at> WIN-A",
    "@unbound WIN-A",
    "\u200bWIN\u200d-A\u202e",
  ])("reads %j as WIN-A", (text) => {
    expect(parseCommand(text)).toEqual(lookup([{ name: "WIN-A" }]));
  });

  it.each(["help", "HELP", "?", "？", "帮助", "--help", "-h", "—help", "/unbound help", "WIN-ALICE help"])(
    "asks for help with %s",
    (text) => {
      expect(parseCommand(text)).toEqual({ kind: "help" });
    },
  );

  it.each(["", "  ", "/unbound", "unbound", "@unbound", "<at>unbound</at>", "public", "since=30d", ",;"])(
    "with %j asks about nothing",
    (text) => {
      expect(parseCommand(text)).toEqual({ kind: "empty" });
    },
  );

  it.each([
    ["WIN-A sinse=30d", "sinse=30d", "since="],
    ["WIN-A snice=30d", "snice=30d", "since="],
    ["WIN-A limt=3", "limt=3", "limit="],
    ["WIN-A colour=red", "colour=red", null],
    ["WIN-A --publik", "publik", "public"],
    ["WIN-A since 30d", "since", "since="],
    ["WIN-A =x", "=x", null],
    ["WIN-A __proto__=x", "__proto__=x", null],
  ])("%s has an option that nobody knows, quoted back with the nearest", (text, quoted, nearest) => {
    expect(parseCommand(text)).toEqual({
      kind: "faulty",
      faults: [{ kind: "unknown-option", text: quoted, nearest }],
    });
  });

  it.each(["since = 30d", "since= 30d", "SINCE =30d", "since\u3000＝\u300030d"])(
    "reads %j as one option, whose blanks nobody meant",
    (option) => {
      expect(parseCommand(`WIN-A ${option}`)).toEqual(lookup([{ name: "WIN-A" }], { since: "30d" }));
    },
  );

  it("has an option once", () => {
    expect(parseCommand("WIN-A since=1d since=2d")).toEqual({
      kind: "faulty",
      faults: [{ kind: "repeated-option", text: "since" }],
    });
  });

  it.each([
    "../../v1/x",
    "a/b",
    "a%2fb",
    "a?b",
    "a#b",
    "WIN-ALICE!",
    "<script>",
    ".",
    "..",
    "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a5",
    "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55g",
    "{4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55}",
    "4ba8bea4_1b8d_4f4b_9d68/",
    "🦀",
    '""',
  ])("quotes %s back, which is neither an ID nor a name", (text) => {
    const command = parseCommand(text);
    expect(command).toEqual({
      kind: "faulty",
      faults: [{ kind: "malformed-id", text: text === '""' ? "" : text }],
    });
  });

  it("names all its faults at once, and cuts what it quotes", () => {
    const long = "!".repeat(500);
    expect(parseCommand(`${long} colour=red a/b`)).toEqual({
      kind: "faulty",
      faults: [
        { kind: "malformed-id", text: `${"!".repeat(64)}…` },
        { kind: "unknown-option", text: "colour=red", nearest: null },
        { kind: "malformed-id", text: "a/b" },
      ],
    });
  });

  it("is about five desktops at most", () => {
    const names = (count: number) => Array.from({ length: count }, (_, at) => `WIN-${at}`).join(" ");
    expect(parseCommand(names(MAX_TARGETS)).kind).toBe("lookup");
    expect(parseCommand(names(MAX_TARGETS + 1))).toEqual({
      kind: "faulty",
      faults: [{ kind: "too-many", count: 6 }],
    });
  });
});

describe("any text", () => {
  const anything = fc.oneof(
    fc.string({ unit: "binary", maxLength: 200 }),
    fc
      .array(
        fc.constantFrom(
          "WIN-A",
          "since=",
          "public",
          '"',
          "`",
          "<",
          ">",
          "<@",
          "/unbound",
          "—",
          "@",
          "&nbsp;",
          " ",
          ",",
          "=",
          "%2f",
          ID,
        ),
      )
      .map((parts) => parts.join("")),
  );

  it("is understood or quoted back, and never names what could walk into another path", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const command: Command = parseCommand(text);
        if (command.kind !== "lookup") return;
        expect(command.targets.length).toBeGreaterThan(0);
        for (const target of command.targets) {
          const word = "id" in target ? target.id : target.name;
          expect(word).not.toMatch(/[/\\%?#<>\x00-\x1f\x7f\u202a-\u202e]|^\.+$/);
        }
      }),
      { numRuns: RUNS },
    );
  });

  it("is read no further than anybody types", () => {
    expect(parseCommand(`WIN-A${" ".repeat(4000)}WIN-B`)).toEqual(lookup([{ name: "WIN-A" }]));
  });

  it.each(["@a ", "<at>", "<at", "<at a", "“", "a=", '"', "<@", "-", "&nbsp;", "since ", "a-"])(
    "is read in no time, %j over and over included",
    async (part) => {
      const text = part.repeat(64_000 / part.length);
      // A pattern that looks at each character once more for every other would take several seconds.
      expect(await cpuMsOf(() => parseCommand(text))).toBeLessThan(1000);
    },
  );
});
