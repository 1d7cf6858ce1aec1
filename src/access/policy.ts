import * as z from "zod/mini";
import { lazily } from "../contract/lazy-schema.ts";
import type { Caller } from "./caller.ts";

/** What a caller may do. */
export interface Grant {
  /** Whose desktops it may ask about. */
  profiles: "any" | "default" | readonly string[];
  /** Whether it sees who was unbound. */
  hidesUsers: boolean;
}

interface Rule extends Grant {
  fits: (caller: Caller) => boolean;
}

/** The rules in order: the first that fits a caller decides, and whom none fits may do nothing. */
export type AccessPolicy = readonly Rule[];

/** Without a policy: whoever the gateway lets through may ask about the default profile, and sees everything. */
export const DEFAULT_POLICY: AccessPolicy = [{ fits: () => true, profiles: "default", hidesUsers: false }];

// Few have a policy: for the others the schema would be a millisecond of a cold start.
const policySchema = lazily(() => {
  const text = z.string("must be text").check(z.minLength(1, "is empty"));
  const rule = z.strictObject(
    {
      iam: z.optional(
        z
          .array(text.check(z.regex(/^arn:/, "must begin with arn:")), "must be a list of ARNs")
          .check(z.minLength(1, "is empty")),
      ),
      claims: z.optional(
        z
          .record(z.string(), z.union([text, z.array(text)], "must be text or a list"), "must be an object")
          .check(z.refine((claims) => Object.keys(claims).length > 0, "is empty")),
      ),
      invoke: z.optional(z.literal(true, "must be true or absent")),
      chat: z.optional(z.literal(true, "must be true or absent")),
      profiles: z.optional(z.array(text, "must be a list of names").check(z.minLength(1, "is empty"))),
      hide_users: z.optional(z.boolean("must be true or false")),
    },
    {
      error: ({ code }) =>
        code === "unrecognized_keys" ? "has a key that means nothing" : "must be an object",
    },
  );
  return z.array(rule, "must be a list of rules").check(z.minLength(1, "is empty"));
});

/**
 * @param json `ACCESS_POLICY`.
 * @returns The policy, or every fault that it has, none with a value.
 */
export function parseAccessPolicy(
  json: string,
): { policy: AccessPolicy; faults: null } | { policy: null; faults: readonly string[] } {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    return { policy: null, faults: ["is not JSON"] };
  }
  const result = policySchema().safeParse(value);
  if (!result.success) {
    const faults = result.error.issues.map(({ path, message }) => `${placeOf(path)}${message}`);
    return { policy: null, faults };
  }
  return { policy: result.data.map(toRule), faults: null };
}

function placeOf(path: readonly PropertyKey[]): string {
  const place = path.map((part) => (typeof part === "number" ? `[${part}]` : `.${String(part)}`)).join("");
  return place === "" ? "" : `${place} `;
}

/** What the policy grants the caller; `null` for nothing. */
export function grantOf(policy: AccessPolicy, caller: Caller): Grant | null {
  return policy.find((rule) => rule.fits(caller)) ?? null;
}

type RuleText = z.infer<ReturnType<typeof policySchema>>[number];

function toRule({ iam, claims, invoke, chat, profiles, hide_users }: RuleText): Rule {
  const isForAll = [iam, claims, invoke, chat].every((condition) => condition === undefined);
  const patterns = (iam ?? []).map(toPattern);
  return {
    fits(caller) {
      if (isForAll) return true;
      if (caller.kind === "iam")
        return formsOf(caller.arn).some((arn) => patterns.some((each) => each.test(arn)));
      if (caller.kind === "jwt") return claims !== undefined && hasAll(caller.claims, claims);
      if (caller.kind === "chat") return chat === true;
      return caller.kind === "invoke" && invoke === true;
    },
    profiles: profiles?.includes("*") ? "any" : (profiles ?? "default"),
    hidesUsers: hide_users ?? false,
  };
}

/**
 * `*` stands for any text within one part of the ARN, never beyond: a caller chooses the name of its own session, which
 * shall not reach into the name of a role.
 */
function toPattern(pattern: string): RegExp {
  const parts = pattern.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[^:/]*")}$`);
}

const ASSUMED_ROLE = /^(arn:[^:]+):sts:(.*:)assumed-role\/([^/]+)\/[^/]+$/;

/** A session of a role goes by its own ARN and by its role's, which has no path there. */
function formsOf(arn: string): string[] {
  const [, partition, place, role] = ASSUMED_ROLE.exec(arn) ?? [];
  return role === undefined ? [arn] : [arn, `${partition}:iam:${place}role/${role}`];
}

function hasAll(
  claims: Readonly<Record<string, unknown>>,
  wanted: Readonly<Record<string, string | readonly string[]>>,
): boolean {
  return Object.entries(wanted).every(([name, values]) => {
    const held = Object.hasOwn(claims, name) ? valuesOf(claims[name]) : [];
    return [values].flat().some((value) => held.includes(value));
  });
}

/** An HTTP API hands a list on as text: `[helpdesk admins]`. */
function valuesOf(claim: unknown): string[] {
  if (Array.isArray(claim)) return claim.map(String);
  const text = String(claim);
  return /^\[.*\]$/.test(text) ? [text, ...text.slice(1, -1).split(/[\s,]+/)] : [text];
}
