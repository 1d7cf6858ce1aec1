import type { ErrorCode } from "../../contract/errors.ts";

/** Every sentence that a person in chat may read. Plain text; what a user wrote is in it as it is. */
export interface Texts {
  titles: {
    found: string;
    none: string;
    /** Of several desktops, so many were found. */
    several: (found: number, asked: number) => string;
    notFound: string;
    ambiguous: string;
    usage: string;
    help: string;
    mistake: string;
    refused: string;
    fault: string;
    later: string;
  };
  /** How many there are, of which so many are shown. */
  count: (shown: number, total: number) => string;
  nobody: (desktop: string, filters: string) => string;
  /** The filters as they were typed, in brackets, or nothing. */
  filters: (typed: string) => string;
  /** All in one line: how many there are, and who was the last. */
  summary: (desktop: string, counted: string, user: string, time: string) => string;
  more: string;
  moreByTime: string;
  notFound: (target: string, profile: string | null) => string;
  /** So many bear the name, of which so many are offered. */
  ambiguous: (name: string, count: number, offered: number) => string;
  notAllowed: string;
  /** Our credentials, permission or set-up are at fault. */
  ourFault: (code: ErrorCode) => string;
  namesNeedPermission: string;
  /** `null`: nobody knows how long. */
  tryAgain: (seconds: number | null) => string;
  stillLooking: string;
  stillLookingAskAgain: string;
  whichDesktop: string;
  /** @param prefix What is typed before the desktop, such as `/unbound`. */
  usage: (prefix: string, offersPublic: boolean) => string;
  help: (offersPublic: boolean) => readonly string[];
  unknownOption: (text: string, nearest: string | null, offersPublic: boolean) => string;
  repeatedOption: (name: string) => string;
  malformedId: (text: string) => string;
  tooMany: (count: number, most: number) => string;
  /** A filter whose value is wrong, in the words of the one vocabulary. */
  wrongValue: (field: string, message: string) => string;
  someone: string;
  group: string;
  unknownTime: (text: string) => string;
  noTime: string;
  columns: { user: string; time: string };
  timesAreYours: string;
  timesAreIn: (zone: string) => string;
  profile: (name: string) => string;
  requestId: (id: string) => string;
  version: (version: string) => string;
}
