import * as z from "zod/mini";

/** The shapes of what the ledger answers; the functions import types from here and nothing else. */

const about = <S extends z.core.$ZodType>(schema: S, description: string): S => {
  z.globalRegistry.add(schema, { description });
  return schema;
};

const text = (description: string) => about(z.nullable(z.string()), description);
const count = (description: string) => about(z.int().check(z.minimum(0)), description);
const instant = (description: string) => about(z.nullable(z.iso.datetime({ precision: 3 })), description);

const coverage = () => ({
  watched_since: instant("Since when the watch has seen this profile; `null` when it never has."),
  desktops_known: count("Desktops in the last list."),
  desktops_checked: count("How many of them have been checked one by one."),
  oldest_check_at: instant("When the least recently checked of them was checked."),
  complete: about(
    z.boolean(),
    "Whether the answer rests on everything: if not, what is missing is not known.",
  ),
});

const tail = () => ({
  ...coverage(),
  note: about(z.string(), "What the answer says and what it does not, in words."),
  request_id: about(z.string(), "The ID to give to the operator."),
});

const user = () => ({
  user_id: text("The user's ID, or the group's when `type` is `GROUP`."),
  user_name: text("The user's name, or the group's when `type` is `GROUP`."),
  user_group: text("The permissions that the user had."),
  type: text("`USER`, `GROUP`, or whatever else Huawei Cloud sent."),
});

const eventFields = () => ({
  event_id: about(
    z.string(),
    "The same record has the same ID for ever; another one for who may not see users.",
  ),
  profile: about(z.string(), "The profile that was asked."),
  desktop_id: about(z.string(), "The desktop's ID."),
  desktop_name: text("The desktop's computer name."),
  ...user(),
  unbound_at: instant("When: RFC 3339, UTC; `null` when it is not known."),
  detach_time: text("Huawei's own text for the time, untouched."),
  observed_at: about(z.iso.datetime({ precision: 3 }), "When the watch saw it."),
  confirmed: about(z.boolean(), "Whether Huawei's record shows it; if not, the list of desktops alone does."),
});

export const personRowSchema = about(z.strictObject(eventFields()), "One unbinding, out of the ledger.");
export type PersonRow = z.infer<typeof personRowSchema>;

export const personAnswerSchema = about(
  z.strictObject({
    user: about(z.string(), "Who was asked for: a name or an ID."),
    profile: about(z.string(), "The profile that was asked."),
    count: count("Rows returned."),
    truncated: about(z.boolean(), "Whether there are more, from `cursor` on."),
    cursor: text("For the next page; `null` on the last."),
    unbindings: about(z.array(personRowSchema), "Newest first; rows whose time is not known come last."),
    ...tail(),
  }),
  "Which desktops a person lost. Flat; every key is always there.",
);
export type PersonAnswer = z.infer<typeof personAnswerSchema>;

export const holderSchema = about(
  z.strictObject({
    ...user(),
    certainty: about(
      z.enum(["certain", "possible"]),
      "Whether it is sure that this one held the desktop then.",
    ),
    from_after: instant("The binding began after that."),
    from_by: instant("A list showed it by then."),
    until_after: instant("It ended after that; both of `until` are `null` while it lasts."),
    until_by: instant("It ended by then."),
  }),
  "A user or group that was, or may have been, bound to the desktop.",
);
export type HolderRow = z.infer<typeof holderSchema>;

export const holdersAnswerSchema = about(
  z.strictObject({
    desktop_id: about(z.string(), "The desktop that was asked for."),
    desktop_name: text("Its name when it was last seen."),
    profile: about(z.string(), "The profile that was asked."),
    at: about(z.iso.datetime({ precision: 3 }), "The time that was asked for."),
    count: count("Holders returned."),
    holders: about(
      z.array(holderSchema),
      "Whoever held the desktop is among them, where `complete` says so.",
    ),
    ...tail(),
  }),
  "Who held a desktop at a time. Flat; every key is always there.",
);
export type HoldersAnswer = z.infer<typeof holdersAnswerSchema>;

export const changeSchema = about(
  z.strictObject({
    event: z.literal("desktop.unbound"),
    ...eventFields(),
    schema_version: z.literal(1),
  }),
  "An event: an unbinding that is news; once more when it is confirmed.",
);
export type ChangeRow = z.infer<typeof changeSchema>;

export const changesAnswerSchema = about(
  z.strictObject({
    profile: about(z.string(), "The profile that was asked."),
    changes: about(z.array(changeSchema), "In the order in which they were found out."),
    count: count("Changes returned."),
    cursor: about(z.string(), "For what comes next; there is always one."),
    ...tail(),
  }),
  "What happened since the cursor. Flat; every key is always there.",
);
export type ChangesAnswer = z.infer<typeof changesAnswerSchema>;
