import { createKnown } from "../cache/read-through.ts";
import { type Candidate, LookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";
import type { FindDesktops } from "./ports.ts";

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
  profile: string | null,
  fresh: boolean,
  call: CallContext,
) => Promise<Candidate>;

const MAX_NAMES = 1000;
/** Nobody chooses among more, and an answer must not grow beyond what its way can carry. */
const MAX_CANDIDATES = 100;

/**
 * People know a desktop by its name, the upstream by its ID.
 *
 * The resolver throws DESKTOP_NOT_FOUND when nobody bears the name, AMBIGUOUS_NAME when several do, INVALID_REQUEST when
 * too many would have to be looked at. All three are remembered.
 */
export function createNames({ findDesktops, ttlMs, now }: NamesParts): ResolveName {
  const known = createKnown<Candidate>({
    ttlMs,
    maxEntries: MAX_NAMES,
    maxWeight: MAX_NAMES,
    weightOf: () => 1,
    now,
  });

  return async (name, profile, fresh, call) => {
    const key = `${profile === null ? "" : `=${profile}`}\n${name.toLowerCase()}`;
    const { value } = await known.get(key, fresh, call, async (shared) =>
      theOnly(await findDesktops(profile, name, shared)),
    );
    return value;
  };
}

function theOnly(candidates: readonly Candidate[]): Candidate {
  const [only, ...others] = candidates;
  if (!only) throw new LookupError("DESKTOP_NOT_FOUND", { detail: "No desktop bears this name." });
  if (others.length === 0) return only;
  throw new LookupError("AMBIGUOUS_NAME", {
    candidates: candidates.slice(0, MAX_CANDIDATES),
    detail:
      candidates.length > MAX_CANDIDATES
        ? `Ask again with a desktop ID; the first ${MAX_CANDIDATES} of ${candidates.length} are in \`candidates\`.`
        : undefined,
  });
}
