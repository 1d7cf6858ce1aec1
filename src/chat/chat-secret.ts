import * as z from "zod/mini";
import { LookupError } from "../contract/errors.ts";
import { parseSecretObject, secretText } from "../secrets/secret-json.ts";
import { admissionSchema } from "./admission.ts";
import type { Channel, Platform, Tools } from "./platform.ts";

/** The chat secret: a section for each platform that is served. */
export interface ChatSecret {
  /** @throws LookupError NOT_FOUND for a platform without a section, SECRET_INVALID for one that is faulty. */
  channelOf(platform: Platform): Channel;
}

/**
 * Reads the chat secret. A faulty section is told to those who come for that platform; the others work.
 *
 * @returns Parses a secret's text; the same text gives the same channels.
 */
export function createChatSecretParser(platforms: readonly Platform[], tools: Tools) {
  let last: { text: string; secret: ChatSecret } | null = null;

  /** @throws LookupError SECRET_INVALID */
  return (text: string): ChatSecret => {
    if (last?.text === text) return last.secret;
    const sections = parseSecretObject(text, invalid);
    const channels = new Map<string, Channel | LookupError>();
    for (const platform of platforms) {
      const section = sections[platform.name];
      if (section !== undefined && section !== null)
        channels.set(platform.name, open(platform, section, tools));
    }
    const secret: ChatSecret = {
      channelOf({ name }) {
        const channel = channels.get(name);
        if (!channel) throw new LookupError("NOT_FOUND", { detail: "This platform is not set up here." });
        if (channel instanceof LookupError) throw channel;
        return channel;
      },
    };
    last = { text, secret };
    return secret;
  };
}

function open(platform: Platform, section: unknown, tools: Tools): Channel | LookupError {
  try {
    return platform.open(section, tools);
  } catch (error) {
    if (error instanceof LookupError) return error;
    throw error;
  }
}

function invalid(faults: readonly string[]): LookupError {
  return new LookupError("SECRET_INVALID", { detail: `The chat secret is not valid: ${faults.join("; ")}.` });
}

/** A text that is needed; blanks around it were pasted along. */
export const keySchema = secretText.check(z.trim());

/** Several keys, so that one can be rotated while the other still works. */
export const keysSchema = z.array(keySchema, {
  error: ({ input }) => (input === undefined ? "is missing" : "must be a list of texts"),
});

/** A platform's section: its keys, and who may ask. */
export function sectionSchema<S extends z.core.$ZodShape>(keys: S, allowLists: readonly string[]) {
  return z.object({ ...keys, allow: admissionSchema(allowLists) }, "must be an object");
}

/** @throws LookupError SECRET_INVALID that names every faulty field of the section, never a value. */
export function parseSection<T>(schema: z.ZodMiniType<T>, section: unknown, platform: string): T {
  const result = schema.safeParse(section);
  if (result.success) return result.data;
  throw invalid(
    result.error.issues.map(({ path, message }) => `${[platform, ...path].map(String).join(".")} ${message}`),
  );
}
