import { DESKTOP_ID } from "../contract/desktop-id.ts";
import { type Candidate, LookupError } from "../contract/errors.ts";
import { MalformedAnswer } from "./answer.ts";
import { isFields } from "./error-body.ts";

/** Desktops per page. One is a few kB, so that a page stays far below the limit of an answer. */
const PAGE_SIZE = 100;
/** A name that is part of more desktops' names than these pages hold is no name to search by. */
const MAX_PAGES = 50;

/** One page of ListDesktops. */
export interface DesktopPage {
  desktops: readonly Candidate[];
  /** Rows on this page, those without a name included. */
  received: number;
  /** Rows in all, or `null` when the upstream does not say. */
  total: number | null;
}

export function desktopsQuery(name: string, offset: number): [string, string][] {
  return [
    ["computer_name", name],
    ["limit", String(PAGE_SIZE)],
    ["offset", String(offset)],
  ];
}

/** Reads a page of `{ total_count, desktops: [{ desktop_id, computer_name, … }] }`. */
export function readDesktopPage(body: Record<string, unknown>): DesktopPage {
  const { total_count: totalCount, desktops } = body;
  const total = typeof totalCount === "number" && totalCount >= 0 ? totalCount : null;
  if ((desktops === undefined || desktops === null) && total === 0)
    return { desktops: [], received: 0, total };
  if (!Array.isArray(desktops)) throw new MalformedAnswer("no list of desktops");
  return { desktops: desktops.flatMap(toCandidate), received: desktops.length, total };
}

// A desktop without a name cannot be the one that was asked for by name.
function toCandidate(desktop: unknown, index: number): Candidate[] {
  if (!isFields(desktop)) throw new MalformedAnswer(`desktop ${index} is no object`);
  const { desktop_id: id, computer_name: name } = desktop;
  if (typeof name !== "string") return [];
  if (typeof id !== "string" || !DESKTOP_ID.test(id))
    throw new MalformedAnswer(`desktop ${index} has no usable ID`);
  return [{ desktop_id: id, desktop_name: name }];
}

/**
 * The desktops whose name is exactly that, in any case, over all pages.
 *
 * How the upstream matches `computer_name` is not documented: by part or whole, minding case or not. So the match is
 * made here, and a name that was not found is looked for in upper and lower case as well.
 */
export async function findByName(
  name: string,
  fetchPage: (spelling: string, offset: number) => Promise<DesktopPage>,
): Promise<readonly Candidate[]> {
  const wanted = name.toLowerCase();
  for (const spelling of new Set([name, name.toUpperCase(), wanted])) {
    const matches = new Map<string, Candidate>();
    for await (const page of pagesOf((offset) => fetchPage(spelling, offset))) {
      for (const desktop of page.desktops) {
        if (desktop.desktop_name.toLowerCase() === wanted) matches.set(desktop.desktop_id, desktop);
      }
    }
    if (matches.size > 0) return [...matches.values()];
  }
  return [];
}

async function* pagesOf(fetchPage: (offset: number) => Promise<DesktopPage>): AsyncGenerator<DesktopPage> {
  let offset = 0;
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = await fetchPage(offset);
    yield page;
    offset += page.received;
    const isLast = page.total === null ? page.received < PAGE_SIZE : offset >= page.total;
    if (isLast || page.received === 0) return;
  }
  const message = "is a part of too many desktops' names; ask by ID";
  throw new LookupError("INVALID_REQUEST", { errors: [{ field: "desktop_name", message }] });
}
