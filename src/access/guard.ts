import type { BatchAnswer, ProfileList, Result } from "../contract/answers.ts";
import { asLookupError, LookupError } from "../contract/errors.ts";
import type { BatchQuery, Query, Selection } from "../contract/query.ts";
import type { LookupBatch } from "../lookup/batch.ts";
import type { Lookup } from "../lookup/lookup.ts";
import type { ProfileRef, Profiles, ReadProfiles } from "../lookup/ports.ts";
import type { CallContext } from "../observe/call.ts";
import type { LogFields } from "../observe/log-fields.ts";
import { type Caller, nameOf } from "./caller.ts";
import { hideUsers, hideUsersInBatch } from "./hide.ts";
import { type AccessPolicy, type Grant, grantOf } from "./policy.ts";

/** The only way from an entry to a lookup: what the caller may not do is refused, and all that it does is noted. */
export interface Guard {
  /** @throws LookupError FORBIDDEN, or whatever the lookup ends in. */
  lookup(query: Query, caller: Caller, call: CallContext): Promise<Result>;
  /** @throws LookupError FORBIDDEN. */
  lookupBatch(query: BatchQuery, caller: Caller, call: CallContext): Promise<BatchAnswer>;
  /** The profiles that the caller may ask about. @throws LookupError FORBIDDEN. */
  listProfiles(caller: Caller, call: CallContext): Promise<ProfileList>;
}

export interface GuardParts {
  policy: AccessPolicy;
  lookup: Lookup;
  lookupBatch: LookupBatch;
  readProfiles: ReadProfiles;
  /** Writes one line of the audit. */
  audit: (fields: LogFields) => void;
}

/** What a caller may do: ask this profile, and see all or not. */
interface Permission {
  profile: ProfileRef;
  hidesUsers: boolean;
}

export function createGuard({ policy, lookup, lookupBatch, readProfiles, audit }: GuardParts): Guard {
  /**
   * Whether it is theirs is decided before it is asked for, so that nobody learns what else there is; and for the very
   * profile that is asked then, whatever the secret becomes meanwhile.
   */
  async function permit(
    { profile: asked, filters }: Selection,
    caller: Caller,
    call: CallContext,
  ): Promise<Permission> {
    const grant = grantOf(policy, caller);
    if (!grant) throw new LookupError("FORBIDDEN");
    // A filter that lets rows through or not would tell the names that are hidden.
    if (grant.hidesUsers && filters.user !== null) {
      throw new LookupError("FORBIDDEN", { detail: "You may not ask by user." });
    }
    if (asked !== null && isNamed(grant.profiles) && !grant.profiles.includes(asked)) {
      throw new LookupError("FORBIDDEN");
    }
    const profiles = await readProfiles(call);
    const name = asked ?? profiles.defaultName;
    if (!mayUse(grant, name, profiles)) throw new LookupError("FORBIDDEN");
    const profile = await profiles.find(name);
    call.trace.profile = profile.name;
    return { profile, hidesUsers: grant.hidesUsers };
  }

  /** One line for each call, whatever comes of it. */
  async function audited<T>(
    caller: Caller,
    { profile }: Selection,
    call: CallContext,
    desktops: LogFields,
    work: () => Promise<T>,
    describe: (answer: T) => LogFields,
  ): Promise<T> {
    const route = call.route ?? null;
    const who = { request_id: call.requestId, route, caller: nameOf(caller), ...desktops };
    try {
      const answer = await work();
      audit({ ...who, profile: call.trace.profile, outcome: "ok", ...describe(answer) });
      return answer;
    } catch (thrown) {
      const error = asLookupError(thrown);
      audit({ ...who, profile: call.trace.profile ?? profile, outcome: "error", code: error.code });
      throw error;
    }
  }

  return {
    lookup(query, caller, call) {
      const { desktop } = query;
      return audited(
        caller,
        query,
        call,
        "id" in desktop ? { desktop_id: desktop.id } : { desktop_name: desktop.name },
        async () => {
          const { profile, hidesUsers } = await permit(query, caller, call);
          const result = await lookup(query, profile, call);
          return hidesUsers ? hideUsers(result) : result;
        },
        ({ desktop_id }) => ({ desktop_id }),
      );
    },
    lookupBatch(query, caller, call) {
      return audited(
        caller,
        query,
        call,
        { desktops: query.desktopIds.join(",") },
        async () => {
          const { profile, hidesUsers } = await permit(query, caller, call);
          const answer = await lookupBatch(query, profile, call);
          return hidesUsers ? hideUsersInBatch(answer) : answer;
        },
        ({ succeeded, failed }) => ({ succeeded, failed }),
      );
    },
    async listProfiles(caller, call) {
      const grant = grantOf(policy, caller);
      if (!grant) throw new LookupError("FORBIDDEN");
      const profiles = await readProfiles(call);
      const { defaultName } = profiles;
      return {
        default_profile: mayUse(grant, defaultName, profiles) ? defaultName : null,
        profiles: profiles.names.filter((name) => mayUse(grant, name, profiles)).sort(),
        request_id: call.requestId,
      };
    },
  };
}

function isNamed(profiles: Grant["profiles"]): profiles is readonly string[] {
  return profiles !== "any" && profiles !== "default";
}

/** Who may use a few by name learns nothing of those that are not there. */
function mayUse({ profiles: granted }: Grant, name: string, profiles: Profiles): boolean {
  if (isNamed(granted)) return granted.includes(name) && profiles.has(name);
  return granted === "any" || name === profiles.defaultName;
}
