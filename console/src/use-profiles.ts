import { useEffect, useState } from "preact/hooks";
import type { Tokens } from "./api.ts";
import { fetchProfiles, type Profiles } from "./profiles.ts";

/**
 * The profiles that the reader may use, asked for once.
 *
 * @param isQuiet Whether nothing is under way that people wait for, and nobody has to sign in first.
 */
export function useProfiles(
  tokens: Tokens | null,
  isQuiet: boolean,
): { profiles: Profiles | "unknown" | null; forget: () => void } {
  const [state, setState] = useState<"not asked" | "asked" | Profiles | null>("not asked");
  useEffect(() => {
    if (!isQuiet || state !== "not asked") return;
    setState("asked");
    void fetchProfiles(tokens).then((profiles) => setState((now) => (now === "asked" ? profiles : now)));
  }, [isQuiet, state]);
  const profiles = state === "not asked" || state === "asked" ? "unknown" : state;
  return { profiles, forget: () => setState("not asked") };
}
