import { describe, expect, it } from "vitest";
import { type DesktopPage, findByName, readDesktopPage } from "../../src/workspace/desktops.ts";

interface CachedSecret {
  desktop_id: string;
  desktop_name: string;
}

/** An upstream that matches by part and gives `pageSize` rows at a time; the transcript tells what it was asked. */
function upstream(stored: readonly CachedSecret[], pageSize = 100, mindsCase = false) {
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
    const { fetchPage, transcript } = upstream([alice], 100, true);
    expect(await findByName("Win-Alice", fetchPage)).toEqual([alice]);
    expect(transcript).toEqual(["Win-Alice@0", "WIN-ALICE@0"]);
  });

  it("names every desktop that bears the name, over all pages", async () => {
    const others = Array.from({ length: 5 }, (_, n) => ({ desktop_id: `o${n}`, desktop_name: `DUP-${n}` }));
    const twins = [
      { desktop_id: "t1", desktop_name: "DUP" },
      { desktop_id: "t2", desktop_name: "dup" },
    ];
    const { fetchPage, transcript } = upstream(
      [twins[0] as CachedSecret, ...others, twins[1] as CachedSecret],
      3,
    );
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
      return { desktops: [], received: offset === 0 ? 100 : 99, total: null };
    });
    expect(asked).toEqual([0, 100]);
  });

  it("gives up on a name that is a part of thousands of others", async () => {
    let pages = 0;
    const endless = async (): Promise<DesktopPage> => {
      pages += 1;
      return { desktops: [], received: 100, total: null };
    };
    await expect(findByName("a", endless)).rejects.toMatchObject({
      code: "INVALID_REQUEST",
      errors: [{ field: "desktop_name" }],
    });
    expect(pages).toBe(50);
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
    ["a desktop that is no object", { desktops: ["d1"] }],
    ["a named desktop without an ID", { desktops: [{ computer_name: "WIN-ALICE" }] }],
    ["an ID that could leave its path segment", { desktops: [{ computer_name: "W", desktop_id: "../x" }] }],
  ])("refuses %s", (_, body) => {
    expect(() => readDesktopPage(body)).toThrow(expect.objectContaining({ name: "MalformedAnswer" }));
  });
});
