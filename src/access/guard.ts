import type { BatchAnswer, Result } from "../contract/answers.ts";
import { asLookupError, LookupError } from "../contract/errors.ts";
import type { BatchQuery, Query, Selection } from "../contract/query.ts";
import type { LookupBatch } from "../lookup/batch.ts";
import type { Lookup } from "../lookup/lookup.ts";
import type { NameProfiles } from "../lookup/ports.ts";
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
}

export interface GuardParts {
  policy: AccessPolicy;
  lookup: Lookup;
  lookupBatch: LookupBatch;
  nameProfiles: NameProfiles;
  /** Writes one line of the audit. */
  audit: (fields: LogFields) => void;
}

export function createGuard({ policy, lookup, lookupBatch, nameProfiles, audit }: GuardParts): Guard {
  /** Whether it is theirs is decided before it is asked for, so that nobody learns what else there is. */
  async function permit({ profile, filters }: Selection, caller: Caller, call: CallContext): Promise<Grant> {
    const grant = grantOf(policy, caller);
    if (!grant) throw new LookupError("FORBIDDEN");
    // A filter that lets rows through or not would tell the names that are hidden.
    if (grant.hidesUsers && filters.user !== null) {
      throw new LookupError("FORBIDDEN", { detail: "You may not ask by user." });
    }
    if (!(await mayUse(grant, profile, call))) throw new LookupError("FORBIDDEN");
    return grant;
  }

  /** The default profile goes by its own name as well, which only the secret knows. */
  async function mayUse(
    { profiles: granted }: Grant,
    asked: string | null,
    call: CallContext,
  ): Promise<boolean> {
    if (granted === "any" || (granted === "default" && asked === null)) return true;
    if (granted !== "default" && asked !== null && !granted.includes(asked)) return false;
    const { defaultName, names } = await nameProfiles(call);
    const name = asked ?? defaultName;
    return granted === "default" ? name === defaultName : granted.includes(name) && names.has(name);
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
          const { hidesUsers } = await permit(query, caller, call);
          const result = await lookup(query, call);
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
          const { hidesUsers } = await permit(query, caller, call);
          const answer = await lookupBatch(query, call);
          return hidesUsers ? hideUsersInBatch(answer) : answer;
        },
        ({ succeeded, failed }) => ({ succeeded, failed }),
      );
    },
  };
}
