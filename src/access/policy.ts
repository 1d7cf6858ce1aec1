import * as z from "zod/mini";
import { lazily } from "../contract/lazy-schema.ts";
import { type Fields, isObject } from "../contract/object.ts";
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

interface WantedClaim {
  name: string;
  /** One of them is enough. */
  values: readonly string[];
}

function fault(message: string, ...path: string[]): z.core.$ZodRawIssue {
  return { code: "custom", input: undefined, message, path };
}

/** What stands between the parts of a list that a gateway has written as text, and around them. */
const SEPARATORS = /[\s,[\]"]/;

function faultOfClaim(value: unknown): string | null {
  const values = [value].flat();
  if (!values.every((each) => typeof each === "string")) return "must be text or a list";
  if (values.length === 0 || values.includes("")) return "is empty";
  // HTTP APIs write ["Contract Workers", "staff"] as `[Contract Workers staff]`: such a part is not to be told from two.
  return values.some((each) => SEPARATORS.test(each))
    ? "holds a space, a comma, a bracket or a quote: in a list of values it could not be recognised"
    : null;
}

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
        z.pipe(
          z.custom<Fields>(isObject, "must be an object"),
          // No record: it would pass over a claim that is called `__proto__`.
          z.transform((claims, { issues }) => {
            if (Object.keys(claims).length === 0) issues.push(fault("is empty"));
            return Object.entries(claims).map(([name, value]): WantedClaim => {
              const message = faultOfClaim(value);
              if (message !== null) issues.push(fault(message, name));
              return { name, values: [value].flat() as string[] };
            });
          }),
        ),
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
  const patterns = (iam ?? []).map(toMatcher);
  return {
    fits(caller) {
      if (isForAll) return true;
      if (caller.kind === "iam")
        return formsOf(caller.arn).some((arn) => patterns.some((matches) => matches(arn)));
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
function toMatcher(pattern: string): (arn: string) => boolean {
  const wanted = partsOf(pattern);
  return (arn) => {
    const parts = partsOf(arn);
    return parts.length === wanted.length && parts.every((part, at) => fitsPart(part, wanted[at] as string));
  };
}

/** The parts of an ARN and what separates them. */
function partsOf(arn: string): string[] {
  return arn.split(/([:/])/);
}

/** Whether the text has the pieces between the asterisks, in order: the first at its start and the last at its end. */
function fitsPart(text: string, pattern: string): boolean {
  const [first = "", ...others] = pattern.split("*");
  const last = others.pop();
  if (last === undefined) return text === first;
  if (text.length < first.length + last.length || !text.startsWith(first) || !text.endsWith(last))
    return false;
  let rest = text.slice(first.length, text.length - last.length);
  for (const piece of others) {
    const at = rest.indexOf(piece);
    if (at === -1) return false;
    rest = rest.slice(at + piece.length);
  }
  return true;
}

const ASSUMED_ROLE = /^(arn:[^:]+):sts:(.*:)assumed-role\/([^/]+)\/[^/]+$/;

/** A session of a role goes by its own ARN and by its role's, which has no path there. */
function formsOf(arn: string): string[] {
  const [, partition, place, role] = ASSUMED_ROLE.exec(arn) ?? [];
  return role === undefined ? [arn] : [arn, `${partition}:iam:${place}role/${role}`];
}

function hasAll(claims: Fields, wanted: readonly WantedClaim[]): boolean {
  return wanted.every(({ name, values }) => {
    const held = Object.hasOwn(claims, name) ? valuesOf(claims[name]) : [];
    return values.some((value) => held.includes(value));
  });
}

/** A claim's values. A list comes as one, as `[helpdesk admins]` from an HTTP API, as `helpdesk,admins` from a REST API. */
function valuesOf(claim: unknown): readonly string[] {
  if (Array.isArray(claim)) return claim.flatMap(textOf);
  return textOf(claim).flatMap((text) => {
    const parts = /^\s*\[.*\]\s*$/s.test(text)
      ? text
          .trim()
          .slice(1, -1)
          .split(/[\s,]+/)
      : text.split(",");
    return [text, ...parts.map((part) => part.trim().replace(/^"|"$/g, ""))];
  });
}

function textOf(claim: unknown): string[] {
  return ["string", "number", "boolean"].includes(typeof claim) ? [String(claim)] : [];
}
