import { LookupError } from "../../../src/contract/errors.ts";
import { type TimedUnbinding, toUnbindings } from "../../../src/contract/unbinding.ts";
import type { FleetPage } from "../../../src/lookup/ports.ts";

/** One unbinding that really happened. */
export interface Happened {
  desktopId: string;
  user: string;
  /** Whether it must be told: the watch had the chance to know that it is new. */
  mustBeTold: boolean;
  /** Of its record, where detach-info will ever show it. */
  detachTime: string | null;
}

interface Desktop {
  id: string;
  name: string;
  users: Set<string>;
  rows: { user: string; detachTime: string; visibleFrom: number }[];
}

/** What the ledger has of a desktop: who was seen bound to it, and whether records that are not known are new. */
export interface Known {
  users: ReadonlySet<string>;
  isWatched: boolean;
}

/** A fleet that people are bound to and unbound from; it knows what really happened. */
export function createFleet(count: number) {
  const desktops = new Map<string, Desktop>();
  const happened: Happened[] = [];
  let records = 0;
  let runs = 0;
  let added = 0;
  let hasBeenListed = false;

  function add(id: string): void {
    const row = { user: `old-${id}`, detachTime: "2020-01-08T03:16:01:599000Z", visibleFrom: 0 };
    desktops.set(id, {
      id,
      name: `PC-${id}`,
      users: new Set([`${id}-a`, `${id}-b`]),
      // What came before the watch.
      rows: hasBeenListed ? [] : [row],
    });
  }
  for (let number = 0; number < count; number++) add(`d${number}`);

  const at = (index: number): Desktop | undefined =>
    [...desktops.values()][index % Math.max(desktops.size, 1)];

  let known: (id: string) => Known = () => ({ users: new Set(), isWatched: false });

  return {
    desktops,
    happened,
    /** A new desktop, with an ID that none had before. */
    create: () => add(`e${added++}`),
    /** Who can say what the ledger has. */
    ask(ledger: (id: string) => Known): void {
      known = ledger;
    },
    nextRun: () => {
      runs += 1;
    },
    /** @param lag In how many runs detach-info shows it; `null` for never. */
    unbind(index: number, lag: number | null): void {
      const desktop = at(index);
      const user = desktop?.users.values().next().value;
      if (!desktop || user === undefined) return;
      desktop.users.delete(user);
      // Times are unreadable, equal, or far in the past: nothing may hang on them.
      const detachTime = `on day ${records % 3} #${records++}`;
      if (lag !== null) desktop.rows.push({ user, detachTime, visibleFrom: runs + lag });
      const { users, isWatched } = known(desktop.id);
      const mustBeTold = users.has(user) || (lag !== null && isWatched);
      happened.push({
        desktopId: desktop.id,
        user,
        mustBeTold,
        detachTime: lag === null ? null : detachTime,
      });
    },
    /** A desktop is deleted, and whoever was bound to it is so no more. */
    remove(index: number): void {
      const desktop = at(index);
      if (!desktop || desktops.size < 2) return;
      const { users } = known(desktop.id);
      desktops.delete(desktop.id);
      for (const each of happened)
        if (each.desktopId === desktop.id && !users.has(each.user)) each.mustBeTold = false;
      for (const user of desktop.users) {
        happened.push({ desktopId: desktop.id, user, mustBeTold: users.has(user), detachTime: null });
      }
    },
    bind(index: number, name: string): void {
      const desktop = at(index);
      if (!desktop) return;
      const user = `${desktop.id}-${name}`;
      desktop.users.add(user);
      if (!known(desktop.id).users.has(user)) return;
      // Gone and back before any list was taken note of, and no record of it: nobody can know.
      for (const each of happened)
        if (each.user === user && each.detachTime === null) each.mustBeTold = false;
    },
    page({ offset, limit }: { offset: number; limit: number }): FleetPage {
      const all = [...desktops.values()];
      hasBeenListed = true;
      const page = all.slice(offset, offset + limit);
      return {
        total: all.length,
        desktops: page.map(({ id, name, users }) => ({
          desktop_id: id,
          desktop_name: name,
          bindings: [...users].map((user) => ({
            user_id: `id-${user}`,
            user_name: user,
            user_group: "users",
            type: "USER",
          })),
        })),
      };
    },
    history(id: string): TimedUnbinding[] {
      const desktop = desktops.get(id);
      if (!desktop) throw new LookupError("DESKTOP_NOT_FOUND");
      const rows = desktop.rows.filter(({ visibleFrom }) => visibleFrom <= runs);
      return toUnbindings(
        rows.map(({ user, detachTime }) => ({
          desktop_id: id,
          desktop_name: desktop.name,
          user_id: `id-${user}`,
          user_name: user,
          user_group: "users",
          type: "USER",
          detach_time: detachTime,
        })),
      );
    },
  };
}

export type Fleet = ReturnType<typeof createFleet>;
