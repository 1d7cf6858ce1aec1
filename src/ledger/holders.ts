import { bindingKey } from "./binding-key.ts";
import type { DesktopState, PastBinding } from "./desktops.ts";
import type { LedgerEvent } from "./event.ts";
import type { KeptEvent } from "./events.ts";

/** Who was bound to a desktop, and when, as far as it is known. Times in milliseconds since the epoch. */
export interface Holder {
  user_id: string | null;
  user_name: string | null;
  user_group: string | null;
  type: string | null;
  certainty: "certain" | "possible";
  from_after: number | null;
  from_by: number | null;
  until_after: number | null;
  until_by: number | null;
}

/** All that the ledger has of a desktop. */
export interface DesktopRecord {
  state: DesktopState;
  past: readonly PastBinding[];
  /** What was told and what was there before, the baseline included. */
  events: readonly KeptEvent[];
}

/** A run ends before the next one, and Lambda ends it after 15 minutes: no list takes longer. */
const LONGEST_LIST_MS = 900_000;
/** Detach-info is asked at a time that is known, and its answer is given up before that. */
const LONGEST_ANSWER_MS = 60_000;
/** Records are in detach-info a day later at the latest. */
const LATEST_RECORD_MS = 86_400_000;

interface Interval extends Omit<Holder, "certainty"> {
  key: string;
  /** The event that ended it. */
  eventId: string | null;
  /** Whether lists showed it; if not, the event alone does. */
  isListed: boolean;
}

/** When an event happened, between two times. */
interface Ending {
  key: string;
  event: LedgerEvent;
  after: number | null;
  by: number;
  isBaseline: boolean;
}

/**
 * Who held the desktop then. The one who did is among them; `certain` are those whom a list showed before, whose binding had not
 * ended by then, and after which detach-info was asked, which would have told of an end.
 */
export function holdersAt({ state, past, events }: DesktopRecord, at: number): Holder[] {
  const endings = events.map(endingOf);
  const intervals = intervalsOf(state, past, endings);
  const found = new Map<string, Holder>();
  const wasAskedAfter = state.checked_at !== null && state.checked_at > at;
  for (const interval of intervals) {
    const { key, eventId: _, isListed: __, ...holder } = interval;
    if (!mayCover(interval, at)) continue;
    const isCertain =
      wasAskedAfter && covers(interval, at) && !mayHaveEnded(interval, { intervals, endings, at });
    const certainty = isCertain ? "certain" : "possible";
    const before = found.get(key);
    if (!before || rank({ ...holder, certainty }) > rank(before)) found.set(key, { ...holder, certainty });
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, holder]) => holder);
}

/** Of several bindings of one user that may be meant, the one of which most is known. */
function rank({ certainty, from_by: fromBy }: Holder): number {
  return (certainty === "certain" ? 2 : 0) + (fromBy === null ? 0 : 1);
}

function mayCover({ from_after: after, until_by: by }: Interval, at: number): boolean {
  return (after === null || at > after) && (by === null || at <= by);
}

function covers({ from_by: by, until_after: after }: Interval, at: number): boolean {
  return by !== null && by <= at && (after === null || at < after);
}

/** Whether an event that is not known to have ended an earlier binding may have ended this one by then. */
function mayHaveEnded(
  interval: Interval,
  { intervals, endings, at }: { intervals: readonly Interval[]; endings: readonly Ending[]; at: number },
): boolean {
  const { key, from_after: fromAfter, from_by: fromBy, until_by: untilBy, eventId: ownId } = interval;
  const since = (fromBy ?? 0) - LONGEST_LIST_MS;
  const own = endings.find(({ event }) => event.event_id === ownId);
  const isOwnUnsure = own !== undefined && own.after === null;
  return endings.some(({ key: other, event, after, by, isBaseline }) => {
    if (other !== key || event.event_id === ownId || by < since) return false;
    const earliest = after ?? (isBaseline ? null : by - LATEST_RECORD_MS);
    const ended = intervals.find(({ eventId }) => eventId === event.event_id);
    // Two records for one end: the one without a time may be of an end that no list showed.
    if (isOwnUnsure && !ended?.isListed && (earliest ?? 0) <= (untilBy ?? by) + LONGEST_LIST_MS) return true;
    if (earliest !== null && earliest > at) return false;
    const isEarlier =
      ended?.isListed && fromAfter !== null && ended.until_by !== null && ended.until_by <= fromAfter;
    return !isEarlier;
  });
}

function endingOf({ event, confirmedAt, isBaseline }: KeptEvent): Ending {
  const key = bindingKey(event);
  const at = event.unbound_at === null ? null : Date.parse(event.unbound_at);
  const seenAt = confirmedAt ?? Date.parse(event.observed_at);
  return { key, event, after: at, by: at ?? seenAt + LONGEST_ANSWER_MS, isBaseline };
}

function intervalsOf(
  { bindings, losses }: DesktopState,
  past: readonly PastBinding[],
  endings: readonly Ending[],
): Interval[] {
  const intervals: Interval[] = [];
  for (const each of past) {
    const ending = endings.find(({ event }) => event.event_id === each.event_id);
    intervals.push(intervalOf(each, endOf(each, ending), each.event_id));
  }
  for (const each of losses) {
    intervals.push(intervalOf(each, { after: each.until_after, by: each.until_by }, null));
  }
  for (const each of Object.values(bindings)) {
    const interval = intervalOf(each, { after: null, by: null }, null);
    // The list may lag behind the end that is known; if not, the user was bound again since.
    intervals.push(each.ended ? { ...interval, from_by: null } : interval);
  }
  const ended = new Map(past.map((each) => [each.event_id, each]));
  for (const { key, event, after, by } of endings) {
    const known = ended.get(event.event_id);
    if (known && after !== null) continue;
    const { user_id, user_name, user_group, type } = event;
    // No list showed it: bound and unbound between two lists, or before the watch began. A record without a time may be of such a
    // binding as well, whichever it was taken to have ended.
    intervals.push({
      key,
      user_id,
      user_name,
      user_group,
      type,
      from_after: known ? startOfOther(known) : latestEndBefore(after, key, intervals),
      from_by: null,
      until_after: after,
      until_by: by,
      eventId: event.event_id,
      isListed: false,
    });
  }
  return intervals;
}

/** Lists showed that user gone; but where they still showed the user, the record may have come late, and be of any time before. */
function startOfOther({ from_by: seenAt, until_after: after }: PastBinding): number | null {
  return after === seenAt ? null : after;
}

/** An unbinding ends what was bound: a user who was unbound twice was bound in between. */
function latestEndBefore(at: number | null, key: string, intervals: readonly Interval[]): number | null {
  if (at === null) return null;
  let latest: number | null = null;
  for (const { key: other, until_after: after, until_by: by } of intervals) {
    if (other === key && by !== null && by === after && by < at) latest = Math.max(latest ?? by, by);
  }
  return latest;
}

/** The lists' bounds, and the time that detach-info gave later on; where the two do not agree, both may be. */
function endOf(
  { until_after: after, until_by: by }: PastBinding,
  ending: Ending | undefined,
): { after: number; by: number } {
  const at = ending?.after ?? null;
  if (at === null || after === by) return { after, by };
  return at >= after && at <= by
    ? { after: at, by: at }
    : { after: Math.min(after, at), by: Math.max(by, at) };
}

function intervalOf(
  who: Pick<PastBinding, "user_id" | "user_name" | "user_group" | "type" | "from_after"> & {
    from_by: number;
  },
  until: { after: number | null; by: number | null },
  eventId: string | null,
): Interval {
  const { user_id, user_name, user_group, type, from_by: fromBy } = who;
  // A record that came late may be of an earlier time than the binding that it was taken to have ended.
  const isOfAnother = who.from_after !== null && until.by !== null && who.from_after >= until.by;
  const fromAfter = isOfAnother ? null : who.from_after;
  // A sighting before an earlier end, or after its own, is of another time that the user was bound.
  const isOwn = (fromAfter === null || fromBy > fromAfter) && (until.by === null || fromBy <= until.by);
  return {
    key: bindingKey(who),
    user_id,
    user_name,
    user_group,
    type,
    from_after: fromAfter,
    from_by: isOwn ? fromBy : null,
    until_after: until.after,
    until_by: until.by,
    eventId,
    isListed: !isOfAnother,
  };
}
