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
): { profiles: Profiles | null; forget: () => void } {
  const [asked, setAsked] = useState<{ profiles: Profiles | null } | null>(null);
  useEffect(() => {
    if (!isQuiet || asked) return;
    setAsked({ profiles: null });
    void fetchProfiles(tokens).then((profiles) => setAsked({ profiles }));
  }, [isQuiet, asked]);
  return { profiles: asked?.profiles ?? null, forget: () => setAsked(null) };
}
