import { hash } from "node:crypto";
import type { Unbinding } from "../contract/answers.ts";
import type { TimedUnbinding } from "../contract/unbinding.ts";
import { bindingKey } from "../ledger/binding-key.ts";
import type { Binding, DesktopState, Loss, PastBinding } from "../ledger/desktops.ts";
import { eventIdOf, type LedgerEvent } from "../ledger/event.ts";
import type { Mark } from "../ledger/marks.ts";
import { writeInstant } from "../time/instant.ts";
import { LAGGING_LISTS } from "./compare.ts";

/** What detach-info said of a desktop, and what is known of it. */
export interface Check {
  profile: string;
  desktopId: string;
  state: DesktopState;
  /** Newest first; `null` when the upstream knows no such desktop. */
  rows: readonly TimedUnbinding[] | null;
  /** The records that are done with, by their IDs. */
  marks: ReadonlyMap<string, Mark>;
  /**
   * The events that are kept of the desktop, where a loss is about to be told as unconfirmed: a run that died may have told it
   * already, and the desktop may be gone since.
   */
  events: readonly LedgerEvent[];
  /** When the list of this run began: earlier ones showed who was bound before it. */
  listStartedAt: number;
  /** When detach-info was asked. */
  askedAt: number;
}

/** A record that is not done with yet. */
export interface Found {
  /** Of the record; the event's own unless it confirms another. */
  recordId: string;
  event: LedgerEvent;
  /** `confirms`: what the list alone has shown is shown by detach-info now. */
  kind: "new" | "baseline" | "confirms";
  /** The event that the list alone may have made of it, in a run that died: then it is that one which is confirmed. */
  mayConfirm: string | null;
}

export interface Judgement {
  /** In the order in which they happened, as far as times can be read. */
  found: Found[];
  /** Losses that detach-info does not show after all this time. */
  unconfirmed: LedgerEvent[];
  /** Records of the baseline that turned out to be a loss. */
  promoted: string[];
  past: PastBinding[];
  state: DesktopState;
}

/** A loss is told as unconfirmed after so many runs in which detach-info did not show it. */
const RUNS_UNTIL_UNCONFIRMED = 3;

/** Whether a loss is told as unconfirmed now, unless detach-info shows it. */
export function isLastAsk({ asked }: Loss): boolean {
  return asked + 1 >= RUNS_UNTIL_UNCONFIRMED;
}

/** Decides which records are news. By their IDs, never by their times. */
export function judgeRecords(check: Check): Judgement {
  const { profile, desktopId, state, rows, marks, listStartedAt, askedAt } = check;
  const bindings = { ...state.bindings };
  let losses: readonly Loss[] = state.losses;
  const unconfirmed: Record<string, string[]> = { ...state.unconfirmed };
  const judgement: Judgement = { found: [], unconfirmed: [], promoted: [], past: [], state };
  const isFirst = state.checked_at === null;
  const ids = new Map<string, TimedUnbinding>();
  for (const timed of rows ?? []) {
    const id = recordIdOf(profile, desktopId, timed.row);
    if (!ids.has(id)) ids.set(id, timed);
  }

  for (const [recordId, { row, at }] of [...ids].reverse()) {
    const known = marks.get(recordId);
    // What a run wrote down that died before it came to the desktop's state still says who is bound no more.
    if (known && known.at <= (state.checked_at ?? 0)) continue;
    const key = bindingKey(row);
    const loss = losses.find((each) => bindingKey(each) === key);
    const binding = bindings[key];
    const earlier = known ? earlierOf(known, recordId) : unconfirmed[key]?.[0];
    if (earlier !== undefined) {
      const rest = (unconfirmed[key] ?? []).filter((eventId) => eventId !== earlier);
      if (rest.length > 0) unconfirmed[key] = rest;
      else if (unconfirmed[key]) delete unconfirmed[key];
      else losses = losses.filter((each) => each !== loss);
      if (!known)
        judgement.found.push({
          recordId,
          event: eventOf(check, row, earlier),
          kind: "confirms",
          mayConfirm: null,
        });
      continue;
    }
    const wasShown = loss !== undefined || (binding !== undefined && binding.from_by < listStartedAt);
    const isBaseline = known ? known.is_baseline : isFirst && !state.is_late && !wasShown;
    if (!known) {
      const mayConfirm = loss && isLastAsk(loss) ? listedIdOf(check, loss) : null;
      const kind = isBaseline ? "baseline" : "new";
      judgement.found.push({ recordId, event: eventOf(check, row, recordId), kind, mayConfirm });
    }
    if (isBaseline) {
      const maybe = { event_id: recordId, at: known?.at ?? askedAt };
      if (loss) losses = losses.map((each) => (each === loss ? { ...loss, maybe } : each));
      else if (binding) bindings[key] = { ...binding, maybe };
    } else if (loss) {
      losses = losses.filter((each) => each !== loss);
      judgement.past.push(endOf(loss, at, recordId));
    } else if (binding) {
      const bounds = { until_after: binding.from_by, until_by: askedAt };
      judgement.past.push(endOf({ ...binding, ...bounds }, at, recordId));
      bindings[key] = afterEnd(binding, at, recordId);
    }
  }

  const stillOpen: Loss[] = [];
  const accounted = new Set(judgement.found.map(({ event }) => event.event_id));
  for (const loss of losses) {
    if (!isLastAsk(loss)) {
      stillOpen.push({ ...loss, asked: loss.asked + 1 });
      continue;
    }
    const told = toldOf(check, loss).find(({ event_id: eventId }) => !accounted.has(eventId));
    if (told) {
      accounted.add(told.event_id);
      judgement.past.push(endOf(loss, null, told.event_id));
      continue;
    }
    const baselineId = loss.maybe?.event_id;
    if (baselineId !== undefined) {
      judgement.promoted.push(baselineId);
      judgement.past.push(endOf(loss, null, baselineId));
      continue;
    }
    const event = listedEventOf(check, loss);
    judgement.unconfirmed.push(event);
    judgement.past.push(endOf(loss, null, event.event_id));
    const key = bindingKey(loss);
    unconfirmed[key] = [...(unconfirmed[key] ?? []), event.event_id];
  }

  const isAnswered = rows !== null;
  judgement.state = {
    ...state,
    bindings,
    losses: stillOpen,
    unconfirmed,
    tried_at: askedAt,
    ...(isAnswered && { checked_at: askedAt, digest: digestOf(ids.keys()) }),
  };
  return judgement;
}

/** Events that were told of the same user since the loss was seen, but for the one that the list alone makes of it. */
function toldOf(check: Check, loss: Loss): LedgerEvent[] {
  const key = bindingKey(loss);
  const listedId = listedIdOf(check, loss);
  return check.events.filter(
    (event) =>
      bindingKey(event) === key && event.observed_at >= loss.observed_at && event.event_id !== listedId,
  );
}

/** The event that the record confirmed. */
function earlierOf({ event_id: eventId }: Mark, recordId: string): string | undefined {
  return eventId === recordId ? undefined : eventId;
}

export function recordIdOf(profile: string, desktopId: string, row: Unbinding): string {
  const { user_id, type, detach_time } = row;
  return eventIdOf({ profile, desktop_id: desktopId, user_id, type, detach_time });
}

/** Two answers with the same records have the same one. */
export function digestOf(recordIds: Iterable<string>): string {
  return hash("sha256", [...recordIds].sort().join("\n"), "hex").slice(0, 32);
}

function eventOf(
  { profile, desktopId, state, askedAt }: Check,
  row: Unbinding,
  eventId: string,
): LedgerEvent {
  return {
    event: "desktop.unbound",
    event_id: eventId,
    profile,
    desktop_id: desktopId,
    desktop_name: row.desktop_name ?? state.name,
    user_id: row.user_id,
    user_name: row.user_name,
    user_group: row.user_group,
    type: row.type,
    unbound_at: row.unbound_at,
    detach_time: row.detach_time,
    observed_at: writeInstant(askedAt),
    confirmed: true,
    schema_version: 1,
  };
}

/** An event of which detach-info shows nothing: its ID has the time of the list in place of the upstream's. */
function listedEventOf(check: Check, loss: Loss): LedgerEvent {
  const { profile, desktopId, state } = check;
  const { user_id, user_name, user_group, type, observed_at } = loss;
  return {
    event: "desktop.unbound",
    event_id: listedIdOf(check, loss),
    profile,
    desktop_id: desktopId,
    desktop_name: state.name,
    user_id,
    user_name,
    user_group,
    type,
    unbound_at: null,
    detach_time: null,
    observed_at,
    confirmed: false,
    schema_version: 1,
  };
}

function listedIdOf({ profile, desktopId }: Check, { user_id, type, observed_at }: Loss): string {
  return eventIdOf({ profile, desktop_id: desktopId, user_id, type, detach_time: `list:${observed_at}` });
}

/** The upstream's own time where it can be read; else the lists' bounds. */
function endOf(
  { ended: _, maybe: __, ...loss }: Omit<Loss, "observed_at" | "asked" | "is_gone">,
  at: number | null,
  eventId: string,
): PastBinding {
  const { user_id, user_name, user_group, type, from_after, from_by, until_after, until_by } = loss;
  return {
    user_id,
    user_name,
    user_group,
    type,
    from_after,
    from_by,
    until_after: at ?? until_after,
    until_by: at ?? until_by,
    event_id: eventId,
  };
}

/** The list still shows the user: it lags behind, or the user was bound again. */
function afterEnd(binding: Binding, at: number | null, eventId: string): Binding {
  const { maybe: _, ...rest } = binding;
  return {
    ...rest,
    from_after: at ?? binding.from_after,
    ended: { event_id: eventId, lists: LAGGING_LISTS },
  };
}
