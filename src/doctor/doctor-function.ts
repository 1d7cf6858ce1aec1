import * as z from "zod/mini";
import { monotonicNow, wallNow } from "../clocks.ts";
import { readConfig } from "../config.ts";
import type { Environment } from "../environment.ts";
import { LookupError } from "../errors.ts";
import { toProblem } from "../problem.ts";
import { createSecrets } from "../secrets/source.ts";
import { createTransport } from "../workspace/transport.ts";
import { type DoctorParts, examine } from "./doctor.ts";
import { realNetwork } from "./network.ts";
import type { DoctorReport } from "./report.ts";

const questionSchema = z.strictObject({
  profile: z.optional(z.string().check(z.minLength(1))),
  desktop_id: z.optional(z.string().check(z.minLength(1))),
});

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
 * The `doctor` function, invoke only: `{ "profile"?, "desktop_id"? }` → a report.
 *
 * @throws Error named INVALID_REQUEST for anything else.
 */
export function createDoctorFunction(env: Environment, parts: DoctorParts = doctorParts(env)) {
  return async (event: unknown, context?: { awsRequestId?: string }): Promise<DoctorReport> => {
    const result = questionSchema.safeParse(event ?? {});
    if (!result.success) {
      const errors = result.error.issues.map(({ path, message }) => ({ field: path.join("."), message }));
      const problem = toProblem(new LookupError("INVALID_REQUEST", { errors }), context?.awsRequestId ?? "");
      throw Object.assign(new Error(JSON.stringify(problem)), { name: problem.code });
    }
    return await examine(
      env,
      { profile: result.data.profile ?? null, desktopId: result.data.desktop_id ?? null },
      parts,
    );
  };
}
