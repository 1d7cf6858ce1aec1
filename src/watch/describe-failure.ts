import { LookupError } from "../contract/errors.ts";
import { framesOf } from "../observe/frames.ts";
import type { LogFields } from "../observe/log-fields.ts";

const MOST_CAUSES = 5;

/**
 * What failed, by names, codes and places in our code. No message: a parser's quotes what it could not read, which may be a person's
 * name, and a client's may have the address of a channel, which is a key.
 */
export function describeFailure(error: unknown): LogFields {
  const names: string[] = [];
  for (let each = error; each instanceof Error && names.length < MOST_CAUSES; each = each.cause) {
    names.push(each instanceof LookupError ? each.code : each.name);
  }
  return { cause: names.join(" < "), frames: framesOf(error) };
}
