import { readConfig } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import { asLookupError } from "../contract/errors.ts";
import { toProblem } from "../contract/problem.ts";
import { createTransport } from "../net/transport.ts";
import { createSecrets } from "../secrets/source.ts";
import { monotonicNow, wallNow } from "../time/clocks.ts";
import { type DoctorParts, examine } from "./doctor.ts";
import { realNetwork } from "./network.ts";
import { type DoctorQuestion, readQuestion } from "./question.ts";
import type { DoctorReport } from "./report.ts";

/** The doctor's real parts: nothing is shared with the lookups, whose caches it shall see past. */
export function doctorParts(env: Environment): DoctorParts {
  return {
    fetchSecret: createSecrets(readConfig(env).config?.secretsSource ?? "sdk", env),
    send: createTransport({ now: monotonicNow }),
    network: realNetwork,
    now: monotonicNow,
    wallNow,
  };
}

/**
 * The `doctor` function, invoke only: `{ "profile"?, "desktop_id"?, "say_hello"? }` → a report.
 *
 * @throws Error named INVALID_REQUEST for anything else.
 */
export function createDoctorFunction(env: Environment, parts: DoctorParts = doctorParts(env)) {
  return async (event: unknown, context?: { awsRequestId?: string }): Promise<DoctorReport> => {
    return await examine(env, questionIn(event, context?.awsRequestId ?? ""), parts);
  };
}

function questionIn(event: unknown, requestId: string): DoctorQuestion {
  try {
    return readQuestion(event ?? {});
  } catch (thrown) {
    const problem = toProblem(asLookupError(thrown), requestId);
    throw Object.assign(new Error(JSON.stringify(problem)), { name: problem.code });
  }
}
