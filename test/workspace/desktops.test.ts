import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type DesktopPage, findByName, readDesktopPage } from "../../src/workspace/desktops.ts";

interface Stored {
  desktop_id: string;
  desktop_name: string;
}

/** An upstream that matches by part and gives `pageSize` rows at a time; the transcript tells what it was asked. */
function upstream(stored: readonly Stored[], pageSize = 1000, mindsCase = false) {
  const transcript: string[] = [];
  const fold = (text: string) => (mindsCase ? text : text.toLowerCase());
  const fetchPage = async (spelling: string, offset: number): Promise<DesktopPage> => {
    transcript.push(`${spelling}@${offset}`);
    const found = stored.filter(({ desktop_name }) => fold(desktop_name).includes(fold(spelling)));
    const desktops = found.slice(offset, offset + pageSize);
    return { desktops, received: desktops.length, total: found.length };
  };
  return { fetchPage, transcript };
}

const alice = { desktop_id: "d1", desktop_name: "WIN-ALICE" };
const alice2 = { desktop_id: "d2", desktop_name: "WIN-ALICE2" };

describe("finding desktops by name", () => {
  it("takes only the exact name out of what the upstream matches by part", async () => {
    const { fetchPage, transcript } = upstream([alice, alice2]);
    expect(await findByName("WIN-ALICE", fetchPage)).toEqual([alice]);
    expect(transcript).toEqual(["WIN-ALICE@0"]);
  });

  it("finds a name in another case when the upstream minds no case", async () => {
    const { fetchPage, transcript } = upstream([alice]);
    expect(await findByName("win-alice", fetchPage)).toEqual([alice]);
    expect(transcript).toEqual(["win-alice@0"]);
  });

  it("finds a name in another case when the upstream does mind it", async () => {
    const { fetchPage, transcript } = upstream([alice], 1000, true);
    expect(await findByName("Win-Alice", fetchPage)).toEqual([alice]);
    expect(transcript).toEqual(["Win-Alice@0", "WIN-ALICE@0"]);
  });

  it("names every desktop that bears the name, over all pages", async () => {
    const others = Array.from({ length: 5 }, (_, n) => ({ desktop_id: `o${n}`, desktop_name: `DUP-${n}` }));
    const twins = [
      { desktop_id: "t1", desktop_name: "DUP" },
      { desktop_id: "t2", desktop_name: "dup" },
    ];
    const { fetchPage, transcript } = upstream([twins[0] as Stored, ...others, twins[1] as Stored], 3);
    expect(await findByName("dup", fetchPage)).toEqual(twins);
    expect(transcript).toEqual(["dup@0", "dup@3", "dup@6"]);
  });

  it("counts a desktop once that moved to the next page meanwhile", async () => {
    const pages: DesktopPage[] = [
      { desktops: [alice], received: 1, total: 2 },
      { desktops: [alice], received: 1, total: 2 },
    ];
    expect(await findByName("WIN-ALICE", async (_, offset) => pages[offset] as DesktopPage)).toEqual([alice]);
  });

  it("answers none when no spelling is known", async () => {
    const { fetchPage, transcript } = upstream([alice2]);
    expect(await findByName("WIN-ALICE", fetchPage)).toEqual([]);
    expect(transcript).toEqual(["WIN-ALICE@0", "win-alice@0"]);
  });

  it("stops at a page without rows, whatever total the upstream claims", async () => {
    const asked: number[] = [];
    const found = await findByName("1", async (_, offset) => {
      asked.push(offset);
      return { desktops: [], received: 0, total: 1_000_000 };
    });
    expect(found).toEqual([]);
    expect(asked).toEqual([0]);
  });

  it("pages on without a total until a page is not full", async () => {
    const asked: number[] = [];
    await findByName("1", async (_, offset) => {
      asked.push(offset);
      return { desktops: [], received: offset === 0 ? 1000 : 999, total: null };
    });
    expect(asked).toEqual([0, 1000]);
  });

  it.each([
    ["that minds no case", false, "Pc", 2],
    ["that minds no case, in the case asked", false, "pc", 3],
    ["that minds case", true, "Pc", 4],
    ["that minds case, in the case asked", true, "pc", 3],
  ])(
    "knows after six calls at the most, of an upstream %s, that none of 2,000 bears it",
    async (_, mindsCase, name, calls) => {
      const stored = Array.from({ length: 2000 }, (_, n) => ({
        desktop_id: `d${n}`,
        desktop_name: `pc-${n}`,
      }));
      const { fetchPage, transcript } = upstream(stored, 1000, mindsCase);
      expect(await findByName(name, fetchPage)).toEqual([]);
      expect(transcript).toHaveLength(calls);
    },
  );

  it.each([
    ["at the first page where the total shows it", 6001, 1],
    ["after six pages where no total is given", null, 6],
  ])("gives up on a name that too many others contain, %s", async (_, total, calls) => {
    let pages = 0;
    const endless = async (): Promise<DesktopPage> => {
      pages += 1;
      return { desktops: [], received: 1000, total };
    };
    await expect(findByName("a", endless)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      errors: [{ field: "desktop_name", message: "too many desktops match, ask by ID" }],
    });
    expect(pages).toBe(calls);
  });

  it("never takes more than six calls, whatever the pages, and never says that a desktop is unknown before it has seen all", async () => {
    const page = fc.record({
      received: fc.constantFrom(0, 1, 999, 1000),
      total: fc.option(fc.integer({ min: 0, max: 9000 })),
    });
    await fc.assert(
      fc.asyncProperty(fc.infiniteStream(page), async (pages) => {
        let calls = 0;
        let seen = 0;
        let last: DesktopPage = { desktops: [], received: 0, total: 0 };
        const found = findByName("a", async (_, offset) => {
          calls += 1;
          const { received, total } = pages.next().value;
          seen = offset + received;
          last = { desktops: [], received, total };
          return last;
        });
        const outcome = await found.then(
          () => "unknown",
          (error) => error.code,
        );
        expect(calls).toBeLessThanOrEqual(6);
        if (outcome !== "unknown") expect(outcome).toBe("INVALID_REQUEST");
        else
          expect(
            last.received === 0 || (last.total === null ? last.received < 1000 : seen >= last.total),
          ).toBe(true);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["no object", null],
    ["without a usable ID", { desktop_id: null, computer_name: "WIN-BOB" }],
    ["without a name", { desktop_id: "d9" }],
    ["with a name that is no text", { desktop_id: "d9", computer_name: ["WIN-BOB"] }],
    ["with an ID that could leave its path segment", { desktop_id: "../x", computer_name: "WIN-BOB" }],
  ])("is not kept from a good row by one that is %s", async (_, faulty) => {
    const rows = [faulty, { desktop_id: "d1", computer_name: "WIN-ALICE" }, faulty];
    const page = async () => readDesktopPage({ total_count: 3, desktops: rows });
    expect(await findByName("win-alice", page)).toEqual([alice]);
  });

  it.each([
    [
      "bears the name and has no usable ID",
      { desktop_id: null, computer_name: "Win-Alice" },
      "UPSTREAM_INVALID_RESPONSE",
    ],
    ["is no object", 7, "UPSTREAM_INVALID_RESPONSE"],
    ["has a name that is no text", { desktop_id: "d9", computer_name: {} }, "UPSTREAM_INVALID_RESPONSE"],
    ["has another name", { desktop_id: null, computer_name: "WIN-BOB" }, "unknown"],
    ["has no name", { desktop_id: "d9", computer_name: null }, "unknown"],
  ])("when nothing else is found, a row that %s ends in its outcome", async (_, faulty, outcome) => {
    const page = async () => readDesktopPage({ total_count: 1, desktops: [faulty] });
    expect(
      await findByName("win-alice", page).then(
        (found) => (found.length === 0 ? "unknown" : found),
        (error) => error.code,
      ),
    ).toBe(outcome);
  });

  it("does not choose between a row that can be read and one of the same name that cannot", async () => {
    const rows = [{ computer_name: "win-alice" }, { desktop_id: "d1", computer_name: "WIN-ALICE" }];
    const page = async () => readDesktopPage({ total_count: 2, desktops: rows });
    await expect(findByName("win-alice", page)).rejects.toMatchObject({ code: "UPSTREAM_INVALID_RESPONSE" });
  });
});

describe("reading a page of desktops", () => {
  it("keeps ID and name, and passes over a desktop without a name", () => {
    const page = readDesktopPage({
      total_count: 2,
      desktops: [{ desktop_id: "d1", computer_name: "WIN-ALICE", status: "ACTIVE" }, { desktop_id: "d2" }],
    });
    expect(page).toEqual({ desktops: [alice], received: 2, total: 2 });
  });

  it("reads an empty page only when the upstream says that there are none", () => {
    expect(readDesktopPage({ total_count: 0, desktops: [] })).toEqual({
      desktops: [],
      received: 0,
      total: 0,
    });
    expect(readDesktopPage({ total_count: 0, desktops: null })).toEqual({
      desktops: [],
      received: 0,
      total: 0,
    });
    expect(readDesktopPage({ total_count: 0 })).toEqual({ desktops: [], received: 0, total: 0 });
  });

  it("keeps the total unknown when it is no count", () => {
    expect(readDesktopPage({ desktops: [] }).total).toBeNull();
    expect(readDesktopPage({ desktops: [], total_count: "7" }).total).toBeNull();
    expect(readDesktopPage({ desktops: [], total_count: -1 }).total).toBeNull();
  });

  it.each([
    ["no list", {}],
    ["no list though there are some", { total_count: 3, desktops: null }],
    ["a list that is none", { total_count: 1, desktops: {} }],
  ])("refuses %s", (_, body) => {
    expect(() => readDesktopPage(body)).toThrow(expect.objectContaining({ name: "MalformedAnswer" }));
  });
});
