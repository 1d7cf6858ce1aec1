import type { CoverageNow } from "../ledger/read-coverage.ts";

/** What an answer says in words: an empty one never says that there was nobody. */
export function noteOf(count: number, { complete, oldest_check_at: at }: CoverageNow, more = ""): string {
  const said =
    count > 0
      ? complete
        ? "Complete."
        : "Not complete: there may be more than is known."
      : complete
        ? at === null
          ? "None on record: there are no desktops."
          : `None on record as of ${at}.`
        : "Not known: the ledger does not cover everything.";
  return more === "" ? said : `${said} ${more}`;
}
