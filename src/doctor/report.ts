/** What the doctor looks at, in this order: each step needs those before it, the watch the secret alone. */
export const CHECKS = [
  "environment",
  "access",
  "chat",
  "secret",
  "keys",
  "dns",
  "tls",
  "clock",
  "signature",
  "permission",
  "name_look_up",
  "quota",
  "privileges",
  "watch",
  "channels",
  "share",
] as const;

export type CheckName = (typeof CHECKS)[number];

/** One finding. Names and codes, never a value of a secret. */
export interface Finding {
  check: CheckName;
  /** A warning is no failure: everything works, but not as an operator would want it if they knew. */
  status: "ok" | "warning" | "failed" | "skipped";
  /** What was seen. */
  detail: string;
  /** What to do about it; `null` when nothing is to be done. */
  mend: string | null;
}

/**
 * What the public documentation leaves open, as this installation shows it. Digits and letters are replaced by their
 * kind, so that it can be pasted into a bug report.
 */
export interface Observations {
  /** Shapes of `detach_time`, such as `9999-99-99T99:99:99Z`; empty when no row was seen. */
  detach_time_shapes: string[];
  /** What a desktop that cannot exist is answered with, such as `404 WKS.0001` or `200, empty list`. */
  unknown_desktop: string | null;
  /** Names of the headers of a 429, or `null` when there was none. */
  throttling_headers: string[] | null;
}

export interface DoctorReport {
  ok: boolean;
  version: string;
  node: string;
  profile: string | null;
  endpoint: string | null;
  findings: Finding[];
  observations: Observations;
  /** What the policy engine said of a denial, decoded for the operator; `null` when there was none. */
  decoded_authorization_message: string | null;
}

export function ok(check: CheckName, detail: string): Finding {
  return { check, status: "ok", detail, mend: null };
}

export function warning(check: CheckName, detail: string, mend: string): Finding {
  return { check, status: "warning", detail, mend };
}

export function failed(check: CheckName, detail: string, mend: string): Finding {
  return { check, status: "failed", detail, mend };
}

export function skipped(check: CheckName, detail: string): Finding {
  return { check, status: "skipped", detail, mend: null };
}

/** The findings in order, with those that were not reached. */
export function complete(findings: readonly Finding[]): Finding[] {
  return CHECKS.map(
    (check) =>
      findings.find((finding) => finding.check === check) ??
      skipped(check, "Not looked at: something before it must be mended first."),
  );
}

/** A text's shape: digits as 9, letters as they are where they carry meaning (T, Z, UTC), else as a. */
export function shapeOf(text: string): string {
  return text
    .slice(0, 64)
    .replace(/\d/g, "9")
    .replace(/[A-Za-z\u0080-\uffff]+/g, (word) =>
      /^(?:T|Z|UTC|GMT)$/i.test(word) ? word : "a".repeat(word.length),
    );
}
