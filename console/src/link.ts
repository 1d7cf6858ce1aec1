/** What the page's address says, so that a look-up can be shared and comes back after a reload. */
export interface Question {
  /** As typed. */
  desktops: string;
  /** A span such as `30d`; empty for all time. */
  since: string;
  user: string;
  /** `USER`, `GROUP`, or empty for both. */
  type: string;
  profile: string;
}

export const EMPTY_QUESTION: Question = { desktops: "", since: "", user: "", type: "", profile: "" };

export const SPANS = ["1d", "7d", "30d", "90d", "365d"] as const;

/** `?desktop=` may come several times. What is not one of the choices is left out. */
export function readLink(search: string): Question {
  const parameters = new URLSearchParams(search);
  const since = parameters.get("since") ?? "";
  const type = (parameters.get("type") ?? "").toUpperCase();
  return {
    desktops: parameters.getAll("desktop").join(" "),
    since: SPANS.some((span) => span === since) ? since : "",
    user: parameters.get("user") ?? "",
    type: type === "USER" || type === "GROUP" ? type : "",
    profile: parameters.get("profile") ?? "",
  };
}

export function writeLink(question: Question, desktops: readonly string[]): string {
  const parameters = new URLSearchParams();
  for (const desktop of desktops) parameters.append("desktop", desktop);
  for (const name of ["since", "user", "type", "profile"] as const) {
    if (question[name]) parameters.set(name, question[name]);
  }
  const search = parameters.toString();
  return search === "" ? "" : `?${search}`;
}
