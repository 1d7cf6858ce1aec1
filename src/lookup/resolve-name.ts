import { createKnown } from "../cache/read-through.ts";
import { type Candidate, LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import type { FindDesktops, ProfileRef } from "./ports.ts";

export interface NamesParts {
  findDesktops: FindDesktops;
  /** How long it is kept who bears a name; 0 keeps none. */
  ttlMs: number;
  /** Monotonic milliseconds. */
  now: () => number;
}

/** The one desktop of that name. */
export type ResolveName = (
  name: string,
  profile: ProfileRef,
  fresh: boolean,
  call: CallContext,
) => Promise<Candidate>;

const MAX_NAMES = 1000;
/** Desktops of all kept names together. */
const MAX_DESKTOPS = 10_000;

/**
 * People know a desktop by its name, the upstream by its ID.
 *
 * The resolver throws DESKTOP_NOT_FOUND when nobody bears the name, AMBIGUOUS_NAME when several do.
 */
export function createNames({ findDesktops, ttlMs, now }: NamesParts): ResolveName {
  const known = createKnown<readonly Candidate[]>({
    ttlMs,
    maxEntries: MAX_NAMES,
    maxWeight: MAX_DESKTOPS,
    weightOf: (candidates) => candidates.length,
    now,
  });

  return async (name, profile, fresh, call) => {
    const key = `${profile.identity}\n${name.toLowerCase()}`;
    const { value: candidates } = await known.get(key, fresh, call, async (shared) => {
      const found = await findDesktops(profile, name, shared);
      if (found.length === 0)
        throw new LookupError("DESKTOP_NOT_FOUND", { detail: "No desktop bears this name." });
      return found;
    });
    if (candidates.length > 1) throw new LookupError("AMBIGUOUS_NAME", { candidates });
    return candidates[0] as Candidate;
  };
}
