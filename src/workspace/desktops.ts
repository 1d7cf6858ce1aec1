import { DESKTOP_ID } from "../contract/desktop-id.ts";
import { type Candidate, LookupError } from "../contract/errors.ts";
import { isObject } from "../contract/object.ts";
import { MalformedAnswer } from "./answer.ts";

/** Desktops per page: the most that the upstream gives. One is a few kB, so that a page stays below 8 MiB. */
const PAGE_SIZE = 1000;
/** Calls for one name, over all pages and spellings: the quota is everybody's. */
const MAX_CALLS = 6;

/** A desktop as it stands in the list: `null` for what is there and cannot be used. */
export interface ListedDesktop {
  desktop_id: string | null;
  desktop_name: string | null;
}

/** One page of ListDesktops. */
export interface DesktopPage {
  /** Those that have a name, or may have one. */
  desktops: readonly ListedDesktop[];
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

/** Reads a page of `{ total_count, desktops: [{ desktop_id, computer_name, … }] }`. A faulty row spoils no other. */
export function readDesktopPage(body: Record<string, unknown>): DesktopPage {
  const { total_count: totalCount, desktops } = body;
  const total = typeof totalCount === "number" && totalCount >= 0 ? totalCount : null;
  if ((desktops === undefined || desktops === null) && total === 0)
    return { desktops: [], received: 0, total };
  if (!Array.isArray(desktops)) throw new MalformedAnswer("no list of desktops");
  return { desktops: desktops.flatMap(toListed), received: desktops.length, total };
}

function toListed(desktop: unknown): ListedDesktop[] {
  if (!isObject(desktop)) return [{ desktop_id: null, desktop_name: null }];
  const { desktop_id: id, computer_name: name } = desktop;
  // A desktop without a name cannot be the one that was asked for by name.
  if (name === undefined || name === null) return [];
  return [
    {
      desktop_id: typeof id === "string" && DESKTOP_ID.test(id) ? id : null,
      desktop_name: typeof name === "string" ? name : null,
    },
  ];
}

type FetchPage = (spelling: string, offset: number) => Promise<DesktopPage>;

/**
 * The desktops whose name is exactly that, in any case, over all pages.
 *
 * How the upstream matches `computer_name` is not documented: by part or whole, minding case or not. So the match is
 * made here, and a name that was not found is looked for in upper and lower case as well, unless the upstream shows that
 * it does not mind case.
 *
 * @throws LookupError INVALID_REQUEST when the calls do not suffice; UPSTREAM_INVALID_RESPONSE when a row that cannot be
 *   read may be the one.
 */
export async function findByName(name: string, fetchPage: FetchPage): Promise<readonly Candidate[]> {
  const wanted = name.toLowerCase();
  const call = counted(fetchPage);
  let isInDoubt = false;
  let mindsCase = true;
  for (const spelling of new Set([name, name.toUpperCase(), wanted])) {
    const matches = new Map<string, Candidate>();
    for await (const { desktops } of pagesOf(spelling, call)) {
      for (const { desktop_id, desktop_name } of desktops) {
        if (desktop_name === null) isInDoubt = true;
        else if (desktop_name.toLowerCase() === wanted) {
          // It may be another desktop than the one beside it: to choose would be to guess.
          if (desktop_id === null) throw unreadableRow();
          matches.set(desktop_id, { desktop_id, desktop_name });
        } else if (!desktop_name.includes(spelling) && desktop_name.toLowerCase().includes(wanted)) {
          mindsCase = false;
        }
      }
      // The same list as that of the first spelling, which has been read to its end.
      if (!mindsCase && spelling !== name) break;
    }
    if (matches.size > 0) return [...matches.values()];
    if (!mindsCase) break;
  }
  if (isInDoubt) throw unreadableRow();
  return [];
}

/** @throws LookupError as soon as it is clear that the calls that are left do not suffice. */
async function* pagesOf(spelling: string, call: CountedCall): AsyncGenerator<DesktopPage> {
  let offset = 0;
  for (;;) {
    const page = await call.fetchPage(spelling, offset);
    yield page;
    offset += page.received;
    const isLast = page.total === null ? page.received < PAGE_SIZE : offset >= page.total;
    if (isLast || page.received === 0) return;
    const toCome = page.total === null ? 1 : Math.ceil((page.total - offset) / PAGE_SIZE);
    if (toCome > call.left()) throw tooMany();
  }
}

interface CountedCall {
  fetchPage: FetchPage;
  left: () => number;
}

function counted(fetchPage: FetchPage): CountedCall {
  let left = MAX_CALLS;
  return {
    left: () => left,
    fetchPage(spelling, offset) {
      if (left === 0) throw tooMany();
      left -= 1;
      return fetchPage(spelling, offset);
    },
  };
}

function tooMany(): LookupError {
  const message = "too many desktops match, ask by ID";
  return new LookupError("INVALID_REQUEST", { errors: [{ field: "desktop_name", message }] });
}

function unreadableRow(): LookupError {
  const detail = "A desktop in the list cannot be read and may be the one asked for. Ask by ID.";
  return new LookupError("UPSTREAM_INVALID_RESPONSE", { detail });
}
