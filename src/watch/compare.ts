import { bindingKey } from "../ledger/binding-key.ts";
import type { Binding, DesktopState, Loss, PastBinding } from "../ledger/desktops.ts";
import type { ListedBinding, ListedDesktop } from "../lookup/ports.ts";
import { writeInstant } from "../time/instant.ts";

/** The list that a desktop is compared with. Times in milliseconds since the epoch. */
export interface Look {
  startedAt: number;
  endedAt: number;
  isComplete: boolean;
  /** When the last complete list before it began; `null` when there was none. */
  lastCompleteAt: number | null;
}

/** What a list says of a desktop that was known, or is new. */
export interface Comparison {
  /** The desktop as it is known now; the same object when nothing changed. */
  state: DesktopState;
  /** How many bindings the list shows no more. */
  lost: number;
  /** Who is in the list no more and whose end is told already: the list lagged behind, or the user was bound again meanwhile. */
  maybeHeld: PastBinding[];
  /** Whether it is to be asked about at once, though the list shows no loss. */
  isSuspicious: boolean;
}

/** So many complete lists without a desktop say that it is gone. */
const LISTS_UNTIL_GONE = 2;
/** Lists may lag behind detach-info by so many. */
export const LAGGING_LISTS = 3;

/** A desktop that was not known. Who is bound to it now was bound before, nobody knows since when. */
export function discover(desktop: ListedDesktop, look: Look): DesktopState {
  const { startedAt, endedAt, lastCompleteAt } = look;
  const bindings: Record<string, Binding> = {};
  for (const listed of desktop.bindings ?? []) {
    // It was in no list before, so nobody was bound to it when the last complete one began.
    bindings[bindingKey(listed)] = { ...fieldsOf(listed), from_after: lastCompleteAt, from_by: endedAt };
  }
  return {
    name: desktop.desktop_name,
    first_seen: startedAt,
    is_late: lastCompleteAt !== null,
    seen_at: startedAt,
    missed: 0,
    gone_at: null,
    checked_at: null,
    tried_at: null,
    digest: null,
    bindings,
    losses: [],
    unconfirmed: {},
  };
}

/** Compares what is known of a desktop with a list that has it. */
export function compare(known: DesktopState, desktop: ListedDesktop, look: Look): Comparison {
  const name = desktop.desktop_name ?? known.name;
  const isBack = known.missed > 0 || known.gone_at !== null;
  const seen: DesktopState = { ...known, name, missed: 0, gone_at: null, seen_at: look.startedAt };
  // Where the list does not say who is bound, detach-info is asked, and nothing else is concluded.
  if (desktop.bindings === null) {
    const isChanged = isBack || name !== known.name;
    const isSuspicious = Object.keys(known.bindings).length > 0;
    return { state: isChanged ? seen : known, lost: 0, maybeHeld: [], isSuspicious };
  }
  const listed = new Map(desktop.bindings.map((each) => [bindingKey(each), each] as const));
  const bindings: Record<string, Binding> = {};
  let isChanged = isBack || name !== known.name;
  let lost = 0;
  const maybeHeld: PastBinding[] = [];
  const seenBefore = lastSeenAt(known, look.lastCompleteAt);
  // Back again, and the user with it: no list showed the desktop without.
  const isNoLoss = (loss: Loss) => loss.is_gone && listed.has(bindingKey(loss));
  const losses = known.losses.filter((loss) => !isNoLoss(loss)).map((loss) => ({ ...loss, is_gone: false }));
  for (const {
    until_after: _,
    until_by: __,
    observed_at: ___,
    asked: ____,
    is_gone: _____,
    ...binding
  } of known.losses.filter(isNoLoss)) {
    bindings[bindingKey(binding)] = binding;
  }
  for (const [key, binding] of Object.entries(known.bindings)) {
    const now = listed.get(key);
    if (now) {
      const kept = stillBound(binding, now, look);
      isChanged ||= kept !== binding;
      bindings[key] = kept;
      continue;
    }
    isChanged = true;
    // Its end is told already, and the list has caught up.
    if (binding.ended) {
      maybeHeld.push(maybeHeldUntil(binding, look));
      continue;
    }
    losses.push(lossOf(binding, seenBefore, look, false));
    lost += 1;
  }
  for (const [key, each] of listed) {
    if (bindings[key]) continue;
    isChanged = true;
    bindings[key] = { ...fieldsOf(each), from_after: seenBefore, from_by: look.endedAt };
  }
  const state = isChanged ? { ...seen, bindings, losses } : known;
  return { state, lost, maybeHeld, isSuspicious: false };
}

/** A complete list does not have it. */
export function miss(known: DesktopState, look: Look): Comparison {
  const nothing = { lost: 0, maybeHeld: [], isSuspicious: false };
  if (known.gone_at !== null) return { state: known, ...nothing };
  const seenBefore = lastSeenAt(known, look.lastCompleteAt);
  const missed = known.missed + 1;
  const state: DesktopState = { ...known, missed, seen_at: seenBefore };
  if (missed < LISTS_UNTIL_GONE) return { state, ...nothing };
  const gone = Object.values(known.bindings).filter(({ ended }) => !ended);
  const losses = [...known.losses, ...gone.map((binding) => lossOf(binding, seenBefore, look, true))];
  const echoes = Object.values(known.bindings).filter(({ ended }) => ended);
  return {
    ...nothing,
    maybeHeld: echoes.map((binding) => maybeHeldUntil(binding, look)),
    state: { ...state, gone_at: look.startedAt, bindings: {}, losses },
    lost: gone.length,
  };
}

/** When the last list began that showed the desktop. */
export function lastSeenAt({ missed, seen_at: seenAt }: DesktopState, lastCompleteAt: number | null): number {
  return missed === 0 ? Math.max(seenAt, lastCompleteAt ?? 0) : seenAt;
}

/** Since the end that is told, and never for certain. */
function maybeHeldUntil({ ended: _, maybe: __, ...binding }: Binding, { endedAt }: Look): PastBinding {
  const since = binding.from_after ?? binding.from_by;
  return { ...binding, from_by: endedAt, until_after: since, until_by: endedAt, event_id: null };
}

function lossOf(binding: Binding, seenBefore: number, look: Look, isGone: boolean): Loss {
  const { maybe, ...rest } = binding;
  return {
    ...rest,
    // A record that was found before the last list showed the user bound is not this loss.
    ...(maybe && maybe.at >= seenBefore && { maybe }),
    until_after: seenBefore,
    until_by: look.endedAt,
    observed_at: writeInstant(look.startedAt),
    asked: 0,
    is_gone: isGone,
  };
}

/** The same object when nothing changed. */
function stillBound(binding: Binding, listed: ListedBinding, look: Look): Binding {
  const fields = fieldsOf(listed);
  const isSame =
    fields.user_name === binding.user_name &&
    fields.user_group === binding.user_group &&
    fields.type === binding.type;
  if (!binding.ended) return isSame ? binding : { ...binding, ...fields };
  const { ended, ...rest } = binding;
  const lists = ended.lists - 1;
  // It has been there for too long to be an echo: the user was bound again.
  if (lists <= 0) return { ...rest, ...fields, from_by: look.endedAt };
  return { ...rest, ...fields, ended: { ...ended, lists } };
}

function fieldsOf({ user_id, user_name, user_group, type }: ListedBinding): ListedBinding {
  return { user_id, user_name, user_group, type };
}
