import * as z from "zod/mini";
import { ERROR_CODES, type ErrorCode } from "./errors.ts";

/**
 * The shapes of all answers: the one source of their types, of the OpenAPI document and of the client's types.
 *
 * The functions import types from here and nothing else, so that none of it weighs on a bundle.
 */

const about = <S extends z.core.$ZodType>(
  schema: S,
  description: string,
  examples: readonly unknown[] = [],
): S => {
  z.globalRegistry.add(schema, { description, ...(examples.length > 0 && { examples: [...examples] }) });
  return schema;
};

const text = (description: string, example?: string) =>
  about(z.nullable(z.string()), description, example === undefined ? [] : [example]);

const count = (description: string, minimum = 0) => about(z.int().check(z.minimum(minimum)), description);

const desktopId = (description: string) =>
  about(z.string(), description, ["4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55"]);

const requestId = () =>
  about(z.string(), "The ID to give to the operator.", ["7ff61168-5f77-4c1b-9087-a4065a832861"]);

const instant = (description: string) => about(z.nullable(z.iso.datetime({ precision: 3 })), description);

export const unbindingSchema = about(
  z.strictObject({
    desktop_id: text("The desktop's ID.", "4ba8bea4-1b8d-4f4b-9d68-2d2f6c9d0a55"),
    desktop_name: text("The desktop's computer name.", "WIN-ALICE"),
    user_id: text("The user's ID, or the group's when `type` is `GROUP`."),
    user_name: text("The user's name, or the group's when `type` is `GROUP`.", "alice"),
    user_group: text(
      "The permissions that the user had, such as `administrators`, `users`, `sudo`, `default`.",
    ),
    type: text("`USER`, `GROUP`, or whatever else Huawei Cloud sent.", "USER"),
    unbound_at: instant(
      "When: RFC 3339, UTC, milliseconds. `null` when Huawei's own text has no zone or cannot be read.",
    ),
    detach_time: text("Huawei's own text for the time, untouched.", "2026-02-10T08:15:30.000Z"),
  }),
  "One record of a user or group having been unbound from a desktop. Every key is always there; unknown is `null`.",
);

export type Unbinding = z.infer<typeof unbindingSchema>;

export const resultSchema = about(
  z.strictObject({
    desktop_id: desktopId("The desktop that was asked for."),
    desktop_name: text(
      "The name that was asked for, as Huawei Cloud writes it; else that of the newest row that has one.",
      "WIN-ALICE",
    ),
    profile: about(z.string(), "The profile that was asked.", ["default"]),
    count: count("Rows returned."),
    total: count("Rows after the filters, before the limit."),
    truncated: about(
      z.boolean(),
      "Whether `limit`, or what the way of the answer can carry (Lambda's 6 MB, a load balancer's 1 MB), cut rows off.",
    ),
    last_unbound_at: instant("The newest unbinding of all, whatever the filters; `null` when there is none."),
    last_user_id: text("Of the newest unbinding of all."),
    last_user_name: text("Of the newest unbinding of all.", "alice"),
    last_user_group: text("Of the newest unbinding of all."),
    last_type: text("Of the newest unbinding of all.", "USER"),
    unbindings: about(
      z.array(unbindingSchema),
      "Newest first; rows whose time cannot be read come last. Empty only when Huawei Cloud said so.",
    ),
    age_seconds: count("How long ago Huawei Cloud said so."),
    request_id: requestId(),
    upstream_request_id: text("Huawei's own ID for the call."),
  }),
  "The answer to one question. Flat; every key is always there.",
);

export type Result = z.infer<typeof resultSchema>;

const fieldErrorSchema = z.strictObject({
  field: about(z.string(), "Which part of the request.", ["limit"]),
  message: about(z.string(), "What is wrong with it.", ["must be a whole number from 1 to 1000"]),
});

const candidateSchema = z.strictObject({
  desktop_id: desktopId("An ID to ask with."),
  desktop_name: about(z.string(), "Its name, as it is written there.", ["WIN-ALICE"]),
});

const codes = Object.keys(ERROR_CODES) as [ErrorCode, ...ErrorCode[]];

export const problemSchema = about(
  z.strictObject({
    type: about(z.string(), "A URI reference that names the kind of problem.", [
      "/errors/upstream-throttled",
    ]),
    title: about(z.string(), "The same words for every problem of this kind."),
    status: about(z.int(), "The HTTP status."),
    code: about(z.enum(codes), "What to branch on."),
    detail: about(z.string(), "What can be said of this occurrence."),
    retryable: about(z.boolean(), "Whether asking again, unchanged, can succeed."),
    retry_after_seconds: z.optional(count("How long to wait; the Retry-After header says the same.", 1)),
    request_id: requestId(),
    upstream_status: z.optional(about(z.int(), "Huawei's HTTP status, when it answered.")),
    upstream_code: z.optional(text("Huawei's error code, when it answered.", "APIGW.0308")),
    upstream_request_id: z.optional(text("Huawei's own ID for the call, when it answered.")),
    errors: z.optional(
      about(z.readonly(z.array(fieldErrorSchema)), "INVALID_REQUEST: every fault, all at once."),
    ),
    candidates: z.optional(
      about(z.readonly(z.array(candidateSchema)), "AMBIGUOUS_NAME: the desktops that bear the name."),
    ),
  }),
  "What went wrong: RFC 9457, flat.",
);

/** An error as callers see it: RFC 9457, flat. `type` is a path, relative to wherever the API is mounted. */
export type Problem = z.infer<typeof problemSchema>;

export const batchItemSchema = about(
  z.union([
    about(z.extend(resultSchema, { ok: z.literal(true) }), "A desktop that was answered: a result."),
    about(
      z.extend(problemSchema, {
        ok: z.literal(false),
        desktop_id: desktopId("The desktop that was asked for."),
      }),
      "A desktop that was not: a problem of its own.",
    ),
  ]),
  "What came of one desktop of a batch.",
);

/** What came of one desktop of a batch. */
export type BatchItem = z.infer<typeof batchItemSchema>;

export const batchAnswerSchema = about(
  z.strictObject({
    results: about(z.readonly(z.array(batchItemSchema)), "One for each desktop, in the order asked."),
    succeeded: count("How many were answered."),
    failed: count("How many were not."),
    request_id: requestId(),
  }),
  "The answer about many desktops. Flat within each of them; every key is always there.",
);

export type BatchAnswer = z.infer<typeof batchAnswerSchema>;

export const profileListSchema = about(
  z.strictObject({
    default_profile: text(
      "The profile that is asked where none is named; `null` where it is not the caller's.",
      "default",
    ),
    profiles: about(
      z.array(z.string()),
      "The profiles that the caller may ask about, in order of their names.",
      [["default"]],
    ),
    request_id: requestId(),
  }),
  "What the caller may choose from. A profile that is not listed is `FORBIDDEN`, or is not there.",
);

export type ProfileList = z.infer<typeof profileListSchema>;

export const healthSchema = about(
  z.strictObject({ status: z.literal("ok"), version: about(z.string(), "This service's version.") }),
  "The function runs. Nothing else was looked at.",
);

export const readinessSchema = about(
  z.strictObject({
    status: z.enum(["ready", "not_ready"]),
    configuration: about(z.enum(["ok", "invalid"]), "The environment of the function."),
    secret: about(z.string(), "`ok`, `unchecked`, or the code of what is wrong with the secret.", ["ok"]),
    clock: about(z.enum(["ok", "off", "unchecked"]), "The function's clock against Huawei's."),
    detail: text("What fails, in words; never a value."),
  }),
  "Whether a lookup could succeed, as far as can be told without asking Huawei Cloud.",
);

/** Whether a lookup could succeed as far as can be told without asking the upstream. Flat; names, never values. */
export type ReadinessReport = z.infer<typeof readinessSchema>;
