import type { BatchAnswer, ProfileList, Result } from "../contract/answers.ts";
import { asLookupError, LookupError } from "../contract/errors.ts";
import type { BatchQuery, Query, QueryOptions } from "../contract/query.ts";
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
  /** A question of another kind. @throws LookupError FORBIDDEN, or whatever looking ends in. */
  ask<Q extends QueryOptions, T>(query: Q, caller: Caller, call: CallContext, kind: Kind<Q, T>): Promise<T>;
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
  function admit(caller: Caller): Grant {
    const grant = grantOf(policy, caller);
    if (!grant) throw new LookupError("FORBIDDEN");
    return grant;
  }

  /**
   * Whether it is theirs is decided before it is asked for, so that nobody learns what else there is; and for the very
   * profile that is asked then, whatever the secret becomes meanwhile.
   */
  async function permit(
    { profile: asked, filters }: QueryOptions,
    caller: Caller,
    call: CallContext,
    isAboutUsers: boolean,
  ): Promise<Permission> {
    const grant = admit(caller);
    // A filter that lets rows through or not would tell the names that are hidden.
    if (grant.hidesUsers && (isAboutUsers || filters.user !== null)) {
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

  /** Asks as the caller may, with one line for each call, whatever comes of it. */
  async function ask<Q extends QueryOptions, T>(
    query: Q,
    caller: Caller,
    call: CallContext,
    { look, hide, named, describe, isAboutUsers = false }: Kind<Q, T>,
  ): Promise<T> {
    const line: LogFields = {
      request_id: call.requestId,
      route: call.route ?? null,
      caller: nameOf(caller),
      ...named(query),
    };
    try {
      const { profile, hidesUsers } = await permit(query, caller, call, isAboutUsers);
      const answer = await look(query, profile, call, hidesUsers);
      audit(Object.assign(line, { profile: call.trace.profile, outcome: "ok" }, describe(answer)));
      return hidesUsers ? hide(answer) : answer;
    } catch (thrown) {
      const error = asLookupError(thrown);
      const profile = call.trace.profile ?? query.profile;
      audit(Object.assign(line, { profile, outcome: "error", code: error.code }));
      throw error;
    }
  }

  const single: Kind<Query, Result> = {
    look: lookup,
    hide: hideUsers,
    named: ({ desktop }) => ("id" in desktop ? { desktop_id: desktop.id } : { desktop_name: desktop.name }),
    describe: ({ desktop_id }) => ({ desktop_id }),
  };
  const batch: Kind<BatchQuery, BatchAnswer> = {
    look: lookupBatch,
    hide: hideUsersInBatch,
    named: ({ desktopIds }) => ({ desktops: desktopIds.join(",") }),
    describe: ({ succeeded, failed }) => ({ succeeded, failed }),
  };

  return {
    lookup: (query, caller, call) => ask(query, caller, call, single),
    lookupBatch: (query, caller, call) => ask(query, caller, call, batch),
    async listProfiles(caller, call) {
      const grant = admit(caller);
      const profiles = await readProfiles(call);
      const { defaultName } = profiles;
      return {
        default_profile: mayUse(grant, defaultName, profiles) ? defaultName : null,
        profiles: profiles
          .names()
          .filter((name) => mayUse(grant, name, profiles))
          .sort(),
        request_id: call.requestId,
      };
    },
    ask,
  };
}

/** What one kind of question is asked by, and what the audit says of it. */
export interface Kind<Q, T> {
  look: (query: Q, profile: ProfileRef, call: CallContext, hidesUsers: boolean) => Promise<T>;
  hide: (answer: T) => T;
  named: (query: Q) => LogFields;
  describe: (answer: T) => LogFields;
  /** Whether its answer is nothing but who it was: then who may not see users may not ask. */
  isAboutUsers?: boolean;
}

function isNamed(profiles: Grant["profiles"]): profiles is readonly string[] {
  return profiles !== "any" && profiles !== "default";
}

/** Who may use a few by name learns nothing of those that are not there. */
function mayUse({ profiles: granted }: Grant, name: string, profiles: Profiles): boolean {
  if (isNamed(granted)) return granted.includes(name) && profiles.has(name);
  return granted === "any" || name === profiles.defaultName;
}
