import type { LookupError } from "../errors.ts";
import type { Told } from "./call.ts";
import { type Finding, failed, ok } from "./report.ts";

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

export function checkSignature({ verdict }: Told<unknown>): Finding {
  if (verdict.ok || (verdict.error.upstream && verdict.error.code !== "CREDENTIALS_REFUSED")) {
    return ok("signature", "accepted");
  }
  if (verdict.error.code !== "CREDENTIALS_REFUSED") {
    return failed(
      "signature",
      `No answer: ${verdict.error.message} (${verdict.text}).`,
      "Check the network to the endpoint.",
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
  const { error } = verdict;
  if (error.code === "PERMISSION_DENIED") {
    return failed(
      "permission",
      `Denied: ${told(error)}.`,
      "Grant workspace:desktops:listDetachInfo to the IAM user.",
    );
  }
  if (error.code === "UPSTREAM_MISCONFIGURED") {
    return failed(
      "permission",
      `Wrong place: ${told(error)}.`,
      "Check region or endpoint and project_id (both belong to one region), and that Workspace is enabled there.",
    );
  }
  return failed("permission", `Not to be told: ${told(error)}.`, "Run the doctor again later.");
}

export function checkNameLookUp({ verdict }: Told<unknown>): Finding {
  if (verdict.ok) return ok("name_look_up", "workspace:desktops:list is granted");
  if (verdict.error.code === "PERMISSION_DENIED") {
    return failed(
      "name_look_up",
      `Denied: ${told(verdict.error)}.`,
      "Grant workspace:desktops:list, or ask by desktop ID only.",
    );
  }
  return failed("name_look_up", `Not to be told: ${told(verdict.error)}.`, "Run the doctor again later.");
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
    ? [upstream.status, upstream.code, `request ${upstream.requestId}`].filter(Boolean).join(", ")
    : code;
}

/** What an unknown desktop is answered with, for a bug report. */
export function describeAnswer({ verdict }: Told<readonly unknown[]>): string {
  if (verdict.ok) return verdict.value.length === 0 ? "200, empty list" : "200, with rows";
  const { upstream } = verdict.error;
  return upstream ? `${upstream.status} ${upstream.code ?? "without a code"}` : verdict.error.code;
}
