import * as z from "zod/mini";
import { LookupError } from "../contract/errors.ts";
import { lazily, partly } from "../contract/lazy-schema.ts";
import { isObject } from "../contract/object.ts";
import type { Endpoint } from "../net/endpoint.ts";
import { parseEndpoint } from "../net/endpoint.ts";
import { readInstant } from "../time/instant.ts";
import { PROJECT_ID, regionEndpoint } from "../workspace/paths.ts";
import type { Profile } from "../workspace/profile.ts";
import { parseSecretObject, secretText } from "./secret-json.ts";

/** The profiles that the Workspace secret holds. */
export interface ProfileSet {
  defaultName: string;
  byName: ReadonlyMap<string, Profile>;
  /** What is wrong with those that cannot be used, by name: nobody else's business. */
  faulty: ReadonlyMap<string, readonly string[]>;
}

// Keys and tokens go into HTTP headers.
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

const requiredText = lazily(() => secretText.check(z.trim(), z.minLength(1, "is empty")));

/** Text that a parser of ours takes apart; the parser's own message becomes the fault. Blank is absent. */
function parsedBy<T>(parse: (value: string) => T) {
  const parsed = z.pipe(
    secretText.check(z.trim()),
    z.transform((value, context) => {
      if (value === "") return null;
      try {
        return parse(value);
      } catch (error) {
        context.issues.push({ code: "custom", input: undefined, message: (error as Error).message });
        return z.NEVER;
      }
    }),
  );
  return z.optional(z.nullable(parsed));
}

function parseToken(value: string): string {
  if (!VISIBLE_ASCII.test(value)) throw new Error("must be visible ASCII without blanks");
  return value;
}

function parseExpiry(value: string): number {
  const instant = readInstant(value);
  if (instant === null) throw new Error("must be RFC 3339 with a zone");
  return instant;
}

/** The credentials of one project, as they stand in the secret. */
const storedProfile = partly(
  {
    access_key: () => requiredText().check(z.regex(VISIBLE_ASCII, "must be visible ASCII without blanks")),
    secret_key: requiredText,
    project_id: () => requiredText().check(z.regex(PROJECT_ID, "must be a project ID (32 hex digits)")),
  },
  {
    region: () => parsedBy(regionEndpoint),
    endpoint: () => parsedBy(parseEndpoint),
    security_token: () => parsedBy(parseToken),
    expires_at: () => parsedBy(parseExpiry),
  },
  (shape) => z.object(shape, "must be an object"),
);

const PROFILE_NAME = /^[^\x00-\x1f\x7f]{1,64}$/;

const severalProfiles = lazily(() =>
  z.object({
    default: z.optional(requiredText()),
    // z.record would drop a profile that is called `__proto__`.
    profiles: z.custom<Record<string, unknown>>(isObject, "must be an object").check(
      z.refine((profiles) => Object.keys(profiles).length > 0, "is empty"),
      z.refine(
        (profiles) => Object.keys(profiles).every((name) => PROFILE_NAME.test(name)),
        "has a name that is empty, too long or holds control characters",
      ),
    ),
  }),
);

/** The name of the only profile of a secret that names none. */
const ONLY_PROFILE = "default";

/**
 * The secret's text as profiles.
 *
 * @param endpointOverride `WORKSPACE_ENDPOINT`: replaces the endpoint of every profile.
 * @throws LookupError SECRET_INVALID for what is wrong with the whole, or with the only profile: it names every faulty
 *   field, never a value.
 */
export function parseWorkspaceSecret(secret: string, endpointOverride: Endpoint | null): ProfileSet {
  if (secret.trim() === "") throw invalidSecret(["it is empty"]);
  const json = parseSecretObject(secret, invalidSecret);
  if (!Object.hasOwn(json, "profiles")) {
    const { profile, faults } = readProfile(ONLY_PROFILE, json, "", endpointOverride);
    if (!profile) throw invalidSecret(faults);
    return { defaultName: ONLY_PROFILE, byName: new Map([[ONLY_PROFILE, profile]]), faulty: new Map() };
  }
  const { defaultName, stored } = readSeveral(json);
  const byName = new Map<string, Profile>();
  const faulty = new Map<string, readonly string[]>();
  for (const [name, value] of Object.entries(stored)) {
    const { profile, faults } = readProfile(name, value, `profiles.${name}`, endpointOverride);
    if (profile) byName.set(name, profile);
    else faulty.set(name, faults);
  }
  return { defaultName, byName, faulty };
}

function readSeveral(json: object) {
  const result = severalProfiles().safeParse(json);
  if (!result.success) throw invalidSecret(describe(result.error.issues, ""));
  const { profiles, default: named } = result.data;
  const names = Object.keys(profiles);
  const defaultName = named ?? (names.length === 1 ? names[0] : undefined);
  if (defaultName === undefined) throw invalidSecret(["default is missing"]);
  if (!Object.hasOwn(profiles, defaultName)) throw invalidSecret(["default names no profile"]);
  return { defaultName, stored: profiles };
}

function readProfile(
  name: string,
  stored: unknown,
  prefix: string,
  endpointOverride: Endpoint | null,
): { profile: Profile; faults: null } | { profile: null; faults: readonly string[] } {
  const faults: string[] = [];
  const result = storedProfile(stored).safeParse(stored);
  const isPlaced = endpointOverride !== null || hasText(stored, "endpoint") || hasText(stored, "region");
  if (!isPlaced) faults.push(`${join(prefix, "region")} is missing (or endpoint)`);
  if (!result.success) {
    faults.push(...describe(result.error.issues, prefix));
    return { profile: null, faults };
  }
  const { data } = result;
  const endpoint = endpointOverride ?? data.endpoint ?? data.region;
  if (!endpoint) return { profile: null, faults };
  const profile = {
    name,
    endpoint,
    projectId: data.project_id,
    accessKey: data.access_key,
    secretKey: data.secret_key,
    securityToken: data.security_token ?? null,
    expiresAt: data.expires_at ?? null,
  };
  return { profile, faults: null };
}

// What is there but no text is another fault, named by the schema.
function hasText(stored: unknown, field: string): boolean {
  const value = (stored as Record<string, unknown> | null)?.[field];
  return typeof value === "string" ? value.trim() !== "" : value !== undefined && value !== null;
}

// All messages above are ours and quote no value.
function describe(issues: readonly z.core.$ZodIssue[], prefix: string): string[] {
  return issues.map(({ path, message }) => `${join(prefix, path.join(".")) || "it"} ${message}`);
}

function join(prefix: string, field: string): string {
  return prefix && field ? `${prefix}.${field}` : prefix || field;
}

/** SECRET_INVALID in words of ours, which quote no value. */
export function invalidSecret(faults: readonly string[]): LookupError {
  return new LookupError("SECRET_INVALID", { detail: `The secret is not valid: ${faults.join("; ")}.` });
}
