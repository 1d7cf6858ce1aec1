import { plainText } from "../../src/contract/plain-text.ts";

/** What a platform would show of a reply, as text. */
export interface Shown {
  to: "you alone" | "everybody there" | "the program";
  /** Lines that belong together, such as a card's title, a desktop, the small print. */
  groups: readonly (readonly string[])[];
  /** It only says that the answer follows. */
  isAnnouncement: boolean;
}

/**
 * Reads a reply as the platform's client would, in a time zone.
 *
 * @returns `null` when there is nothing to show.
 * @throws when the platform would not take it.
 */
export type Reader = (body: string, timeZone: string) => Shown | null;

/** As a list shows it. */
export const bullet = (text: string): string => `• ${text}`;

/** No line can do anything to a terminal: a webhook's reply is data, with names as users chose them. */
export function print({ groups }: Shown): string {
  return groups
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.map((line) => `  ${plainText(line)}`.trimEnd()).join("\n"))
    .join("\n\n");
}
