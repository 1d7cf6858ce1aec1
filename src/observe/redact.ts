const REPLACEMENT = "[redacted]";

// What a gateway may echo of a signed request.
const CREDENTIAL_PATTERNS = [
  /\b(Access|Credential|Signature|SignedHeaders)=[^\s,;"']+/gi,
  /\b(ak|access[ _-]?key(?:[ _-]?id)?)[\s:=]{0,8}[A-Z0-9]{10,}/gi,
  /\b(x-security-token|x-auth-token|authorization|cookie)\b\s*[:=]\s*[^\n]+/gi,
];

const MAX_LENGTH = 1024;

/**
 * A foreign text, fit for a log line: the given secrets and whatever looks like credentials taken out, control
 * characters made visible as blanks, cut to 1,024 characters. Never throws.
 */
export function redact(text: string, secrets: readonly (string | null)[]): string {
  // Before any cut, which might leave a piece of a secret. Cut generously first, so that a huge text costs nothing,
  // and finely last.
  let redacted = without(secrets, text).slice(0, MAX_LENGTH * 8);
  for (const pattern of CREDENTIAL_PATTERNS) redacted = redacted.replace(pattern, REPLACEMENT);
  return redacted.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ").slice(0, MAX_LENGTH);
}

/** What STS decodes at the most. */
const MAX_ENCODED_LENGTH = 10_240;

/** An `encoded_authorization_message`, fit for a log line and still fit to be decoded. */
export function redactEncoded(message: string, secrets: readonly (string | null)[]): string {
  return without(secrets, message).slice(0, MAX_ENCODED_LENGTH);
}

function without(secrets: readonly (string | null)[], text: string): string {
  // The longest first, since one may be part of another.
  const given = secrets.filter(isGiven).sort(longestFirst);
  return given.reduce((rest, secret) => rest.replaceAll(secret, REPLACEMENT), text);
}

function longestFirst(a: string, b: string): number {
  return b.length - a.length;
}

function isGiven(secret: string | null): secret is string {
  return secret !== null && secret !== "";
}
