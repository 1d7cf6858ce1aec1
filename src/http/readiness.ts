import type { ReadinessReport } from "../contract/answers.ts";
import { asLookupError } from "../contract/errors.ts";
import type { CallContext } from "../observe/call.ts";

export type Readiness = (call: CallContext) => Promise<ReadinessReport>;

export interface ReadinessParts {
  /** The default profile, which alone is looked at; throws a LookupError when it cannot be used. */
  defaultProfile: (call: CallContext) => Promise<{ name: string; endpoint: { origin: string } }>;
  /** How far the container's clock is behind that server's, as far as it is known; milliseconds. */
  clockOffsetMs: (origin: string) => number;
  /** Milliseconds since the epoch. */
  wallNow: () => number;
}

/** A container whose clock says it is before this project was written has no clock. */
const EARLIEST_SANE_MS = Date.UTC(2026, 0, 1);

export function createReadiness({ defaultProfile, clockOffsetMs, wallNow }: ReadinessParts): Readiness {
  return async (call) => {
    const details: string[] = [];
    let offsetMs = 0;
    const secret = await defaultProfile(call).then(
      ({ name, endpoint }) => {
        call.trace.profile = name;
        offsetMs = clockOffsetMs(endpoint.origin);
        return "ok";
      },
      (thrown) => {
        const error = asLookupError(thrown);
        details.push(error.detail);
        return error.code;
      },
    );
    const isClockSane = wallNow() >= EARLIEST_SANE_MS && offsetMs === 0;
    if (!isClockSane) details.push("The clock is off; requests are signed by the upstream's time.");
    const isReady = secret === "ok" && isClockSane;
    return {
      status: isReady ? "ready" : "not_ready",
      configuration: "ok",
      secret,
      clock: isClockSane ? "ok" : "off",
      detail: details.length > 0 ? details.join(" ") : null,
    };
  };
}

/** The report when the configuration itself is faulty: nothing else can be checked. */
export function misconfigured(faults: readonly string[]): ReadinessReport {
  return {
    status: "not_ready",
    configuration: "invalid",
    secret: "unchecked",
    clock: "unchecked",
    detail: `The configuration is not valid: ${faults.join("; ")}.`,
  };
}
