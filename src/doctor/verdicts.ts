import type { LookupError } from "../contract/errors.ts";
import { provesKey } from "../workspace/answer.ts";
import type { Told } from "./call.ts";
import { type CheckName, type Finding, failed, ok, skipped } from "./report.ts";

const MAX_SKEW_MS = 5 * 60_000;

export function checkClock({ aheadMs, verdict }: Told<unknown>): Finding {
  if (aheadMs === null) {
    return verdict.ok || verdict.error.upstream
      ? ok("clock", "not compared: the upstream told no date")
      : failed("clock", "No answer to compare with.", "Check the network to the endpoint.");
  }
  const seconds = Math.round(aheadMs / 1000);
  if (Math.abs(aheadMs) <= MAX_SKEW_MS) return ok("clock", `within ${Math.abs(seconds)} s of the upstream's`);
  const direction = aheadMs > 0 ? "behind" : "ahead of";
  return failed(
    "clock",
    `Our clock is ${Math.abs(seconds)} s ${direction} the upstream's.`,
    "Set the clock of this machine.",
  );
}

export function checkSignature({ verdict }: Told<unknown>, clock: Finding): Finding {
  if (verdict.ok || provesKey(verdict)) return ok("signature", "accepted");
  if (verdict.error.code !== "CREDENTIALS_REFUSED") {
    if (verdict.error.upstream) return skipped("signature", `Not to be told: ${told(verdict.error)}.`);
    return failed(
      "signature",
      `No answer: ${verdict.error.message} (${verdict.text}).`,
      "Check the network to the endpoint.",
    );
  }
  if (clock.status === "failed") {
    return failed(
      "signature",
      `Refused: ${told(verdict.error)}.`,
      "Set the clock first: what is signed by a wrong one is refused, whatever the key.",
    );
  }
  return failed(
    "signature",
    `Refused: ${told(verdict.error)}.`,
    "Check access_key and secret_key in the secret, that the key exists and is enabled, and wait 5 minutes if it was locked.",
  );
}

export function checkPermission({ verdict }: Told<unknown>): Finding {
  if (verdict.ok || verdict.error.code === "DESKTOP_NOT_FOUND") {
    return ok("permission", "workspace:desktops:listDetachInfo is granted");
  }
  const grant = "Grant workspace:desktops:listDetachInfo to the IAM user.";
  return notGranted("permission", verdict.error, grant);
}

export function checkNameLookUp({ verdict }: Told<unknown>): Finding {
  if (verdict.ok) return ok("name_look_up", "workspace:desktops:list is granted");
  const grant = "Grant workspace:desktops:list, or ask by desktop ID only.";
  return notGranted("name_look_up", verdict.error, grant);
}

function notGranted(check: CheckName, error: LookupError, grant: string): Finding {
  switch (error.code) {
    case "PERMISSION_DENIED":
      return failed(check, `Denied: ${told(error)}.`, grant);
    case "UPSTREAM_MISCONFIGURED":
    // A list is never unknown, as a desktop may be: nobody there knows of lists.
    case "DESKTOP_NOT_FOUND":
      return failed(
        check,
        `Wrong place: ${told(error)}.`,
        "Check region or endpoint and project_id (both belong to one region), and that Workspace is enabled there.",
      );
    case "UPSTREAM_INVALID_RESPONSE":
      return failed(
        check,
        `What answers is not the API that we know: ${told(error)}.`,
        "Check the endpoint, and whether a proxy answers in its place.",
      );
    case "UPSTREAM_THROTTLED":
      return failed(
        check,
        `Not to be told: ${told(error)}.`,
        "Run the doctor again when the limit has passed.",
      );
    default:
      return failed(check, `Not to be told: ${told(error)}.`, "Run the doctor again later.");
  }
}

export function checkQuota(tolds: readonly Told<unknown>[]): Finding {
  const throttled = tolds.flatMap(({ verdict }) =>
    !verdict.ok && verdict.error.code === "UPSTREAM_THROTTLED" ? [verdict] : [],
  )[0];
  if (!throttled) return ok("quota", "not exhausted");
  const wait = throttled.waitSeconds === null ? "" : ` for ${throttled.waitSeconds} s`;
  return failed(
    "quota",
    `Huawei Cloud limits our calls${wait}.`,
    "200 calls a minute are shared by all that use this IAM user: find out what else calls.",
  );
}

function told({ code, upstream }: LookupError): string {
  return upstream
    ? [upstream.status, upstream.code, upstream.requestId && `request ${upstream.requestId}`]
        .filter(Boolean)
        .join(", ")
    : code;
}

/**
 * What an unknown desktop is answered with, for a bug report; `null` when what answered did not get as far as looking
 * for it.
 */
export function describeAnswer({ verdict }: Told<readonly unknown[]>): string | null {
  if (verdict.ok) return verdict.value.length === 0 ? "200, empty list" : "200, with rows";
  const { code, upstream } = verdict.error;
  const isOfDesktop = code === "DESKTOP_NOT_FOUND" || code === "UPSTREAM_REJECTED";
  return isOfDesktop && upstream ? `${upstream.status} ${upstream.code ?? "without a code"}` : null;
}
