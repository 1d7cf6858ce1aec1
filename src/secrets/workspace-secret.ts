import * as z from "zod/mini";
import { LookupError } from "../contract/errors.ts";
import { lazily, partly } from "../contract/lazy-schema.ts";
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
    profiles: z.record(z.string(), z.unknown(), "must be an object").check(
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
 * @throws LookupError SECRET_INVALID that names every faulty field, never a value.
 */
export function parseWorkspaceSecret(secret: string, endpointOverride: Endpoint | null): ProfileSet {
  if (secret.trim() === "") throw invalid(["it is empty"]);
  const json = parseSecretObject(secret, invalid);
  const faults: string[] = [];
  const byName = new Map<string, Profile>();
  const { defaultName, stored } = Object.hasOwn(json, "profiles")
    ? readSeveral(json, faults)
    : { defaultName: ONLY_PROFILE, stored: { [ONLY_PROFILE]: json as unknown } };
  for (const [name, value] of Object.entries(stored)) {
    const prefix = stored[ONLY_PROFILE] === json ? "" : `profiles.${name}`;
    const profile = readProfile(name, value, prefix, endpointOverride, faults);
    if (profile) byName.set(name, profile);
  }
  if (faults.length > 0) throw invalid(faults);
  return { defaultName, byName };
}

function readSeveral(json: object, faults: string[]) {
  const result = severalProfiles().safeParse(json);
  if (!result.success) {
    faults.push(...describe(result.error.issues, ""));
    return { defaultName: ONLY_PROFILE, stored: {} };
  }
  const { profiles, default: named } = result.data;
  const names = Object.keys(profiles);
  const defaultName = named ?? (names.length === 1 ? (names[0] as string) : null);
  if (defaultName === null) faults.push("default is missing");
  else if (!Object.hasOwn(profiles, defaultName)) faults.push("default names no profile");
  return { defaultName: defaultName ?? ONLY_PROFILE, stored: profiles };
}

function readProfile(
  name: string,
  stored: unknown,
  prefix: string,
  endpointOverride: Endpoint | null,
  faults: string[],
): Profile | null {
  const result = storedProfile(stored).safeParse(stored);
  const isPlaced = endpointOverride !== null || hasText(stored, "endpoint") || hasText(stored, "region");
  if (!isPlaced) faults.push(`${join(prefix, "region")} is missing (or endpoint)`);
  if (!result.success) {
    faults.push(...describe(result.error.issues, prefix));
    return null;
  }
  const { data } = result;
  const endpoint = endpointOverride ?? data.endpoint ?? data.region;
  if (!endpoint) return null;
  return {
    name,
    endpoint,
    projectId: data.project_id,
    accessKey: data.access_key,
    secretKey: data.secret_key,
    securityToken: data.security_token ?? null,
    expiresAt: data.expires_at ?? null,
  };
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

function invalid(faults: readonly string[]): LookupError {
  return new LookupError("SECRET_INVALID", { detail: `The secret is not valid: ${faults.join("; ")}.` });
}
