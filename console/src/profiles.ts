import type { Tokens } from "./api.ts";
import { isObject } from "./problem.ts";

/** The profiles that the reader may use. */
export interface Profiles {
  /** The one that is asked where none is named; `null` where that is not theirs. */
  byDefault: string | null;
  names: readonly string[];
}

/** Asks the API; `null` when it does not tell. Nobody is asked to sign in for it. */
export async function fetchProfiles(tokens: Tokens | null): Promise<Profiles | null> {
  try {
    const token = tokens && (await tokens.current());
    const headers = token === null ? {} : { authorization: `Bearer ${token}` };
    const response = await fetch("v1/profiles", { cache: "no-store", headers });
    return response.ok ? readProfiles(await response.json()) : null;
  } catch {
    return null;
  }
}

function readProfiles(body: unknown): Profiles | null {
  if (!isObject(body) || !Array.isArray(body["profiles"])) return null;
  const { default_profile: byDefault, profiles } = body;
  const names = profiles.filter((name): name is string => typeof name === "string" && name !== "");
  return { byDefault: typeof byDefault === "string" ? byDefault : null, names };
}
