const REPLACEMENT = "[redacted]";

// What a gateway may echo of a signed request.
const CREDENTIAL_PATTERNS = [
  /\b(Access|Credential|Signature|SignedHeaders)=[^\s,;"']+/gi,
  /\b(ak|access[ _-]?key(?:[ _-]?id)?)(\s*[:=]?\s*)[A-Z0-9]{10,}/gi,
  /\b(x-security-token|x-auth-token|authorization|cookie)\b\s*[:=]\s*[^\n]+/gi,
];

const MAX_LENGTH = 1024;

/**
 * A foreign text, fit for a log line: the given secrets and whatever looks like credentials taken out, control
 * characters made visible as blanks, cut to 1,024 characters. Never throws.
 */
export function redact(text: string, secrets: readonly (string | null)[]): string {
  // Cut generously first, so that a huge text costs nothing, and finely last.
  let redacted = text.slice(0, MAX_LENGTH * 8);
  for (const secret of secrets) {
    if (secret) redacted = redacted.replaceAll(secret, REPLACEMENT);
  }
  for (const pattern of CREDENTIAL_PATTERNS) redacted = redacted.replace(pattern, REPLACEMENT);
  return redacted.replace(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ").slice(0, MAX_LENGTH);
}
