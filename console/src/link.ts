/** What the page's address says, so that a look-up can be shared and comes back after a reload. */
export interface Question {
  /** As typed. */
  desktops: string;
  /** A span such as `30d` or a moment (RFC 3339); empty for no bound. */
  since: string;
  until: string;
  user: string;
  /** `USER`, `GROUP`, or empty for both. */
  type: string;
  profile: string;
}

export const EMPTY_QUESTION: Question = {
  desktops: "",
  since: "",
  until: "",
  user: "",
  type: "",
  profile: "",
};

/** The filters, under the names that the API has for them. */
export const FILTERS = ["since", "until", "user", "type", "profile"] as const;

/** The spans that the form offers. */
export const SPANS = ["1d", "7d", "30d", "90d", "365d"] as const;

/**
 * `?desktop=` may be given several times. Filters are taken as they are: one that means nothing is the API's to refuse,
 * since left out it would answer another question.
 */
export function readLink(search: string): Question {
  const parameters = new URLSearchParams(search);
  const text = (name: string) => parameters.get(name)?.trim() ?? "";
  return {
    desktops: parameters.getAll("desktop").join(" "),
    since: text("since"),
    until: text("until"),
    user: text("user"),
    type: text("type").toUpperCase(),
    profile: text("profile"),
  };
}

export function writeLink(question: Question, desktops: readonly string[]): string {
  const parameters = new URLSearchParams();
  for (const desktop of desktops) parameters.append("desktop", desktop);
  for (const name of FILTERS) {
    if (question[name]) parameters.set(name, question[name]);
  }
  const search = parameters.toString();
  return search === "" ? "" : `?${search}`;
}

const ROW = /^#row-([0-9a-f]{32})$/;

/** The row that a link points at, by its ID. */
export function readRow(hash: string): string | null {
  return ROW.exec(hash)?.[1] ?? null;
}

export function hasFilters({ since, until, user, type }: Question): boolean {
  return [since, until, user, type].some((filter) => filter !== "");
}
