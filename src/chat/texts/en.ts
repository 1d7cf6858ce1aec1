import type { Texts } from "./texts.ts";

const seconds = (count: number) => (count === 1 ? "1 second" : `${count} seconds`);
const wait = (count: number) => (count < 120 ? seconds(count) : `${Math.ceil(count / 60)} minutes`);

export const english: Texts = {
  titles: {
    found: "Who was unbound",
    none: "Nobody was unbound",
    several: (found, asked) => `${found} of ${asked} found`,
    notFound: "No such desktop",
    ambiguous: "Which of them?",
    usage: "Which desktop?",
    help: "Who was unbound from a desktop, and when",
    mistake: "This command could not be understood",
    refused: "You may not ask this here",
    fault: "No answer this time",
    later: "Still looking",
  },
  count: (shown, total) =>
    shown < total
      ? `${shown} of ${total}, newest first`
      : total === 1
        ? "1 unbinding"
        : `${total} unbindings, newest first`,
  nobody: (desktop, filters) => `Nobody was unbound from ${desktop}${filters}, according to Huawei Cloud.`,
  filters: (typed) => (typed === "" ? "" : ` (${typed})`),
  summary: (desktop, counted, user, time) => `${desktop}: ${counted}, last ${user}, ${time}`,
  more: "For more:",
  moreByTime: "For others, narrow the time with since= and until=.",
  notFound: (target, profile) => `No desktop ${target} in ${profile ?? "this project"}.`,
  ambiguous: (name, count, offered) =>
    offered < count
      ? `${count} desktops are called ${name}. Ask again with one of them; the first ${offered} are:`
      : `${count} desktops are called ${name}. Ask again with one of these:`,
  notAllowed:
    "You, or this channel, are not on the list of those who may ask. The operator of this service can add you.",
  ourFault: (code) => `The service account cannot read Workspace (${code}). Admins: see the runbook.`,
  namesNeedPermission:
    "To find a desktop by its name, the service account needs workspace:desktops:list. Asking by ID works without it.",
  tryAgain: (count) =>
    count === null
      ? "Nothing is wrong with your command; try again in a moment."
      : `Nothing is wrong with your command; try again in ${wait(count)}.`,
  stillLooking: "Still looking; the answer follows here.",
  stillLookingAskAgain: "Nothing is wrong with your command; ask again in a few seconds.",
  whichDesktop: "Give the name or the ID of a desktop.",
  usage: (prefix, offersPublic) =>
    `${prefix} <desktop name or ID> [more …] [since=30d] [limit=20]${offersPublic ? " [public]" : ""}`,
  help: (offersPublic) => [
    "Shows which users and groups were unbound from a Huawei Cloud Workspace desktop, and when, as Huawei Cloud recorded it.",
    `Up to 5 desktops at once. since and until take a span (30d, 12h, 45m) or a time with a zone; limit says how many are shown; user and type (USER or GROUP) filter${offersPublic ? "; public shows the answer to the whole channel" : ""}.`,
  ],
  unknownOption: (text, nearest, offersPublic) =>
    nearest === null
      ? `“${text}” is not an option. Options: since=, until=, user=, type=, limit=${offersPublic ? ", public" : ""}.`
      : `“${text}” is not an option. Did you mean “${nearest}”?`,
  repeatedOption: (name) => `“${name}” is given more than once.`,
  malformedId: (text) => `“${text}” is neither the ID nor the name of a desktop.`,
  tooMany: (count, most) => `${count} desktops are too many for one card: at most ${most}.`,
  wrongValue: (field, message) => `${field === "desktop_name" ? "The name" : field} ${message}.`,
  someone: "somebody",
  group: "group",
  unknownTime: (text) => `${text} (no zone)`,
  noTime: "no time recorded",
  columns: { user: "User or group", time: "Unbound" },
  timesAreYours: "Times are in your own time zone.",
  timesAreIn: (zone) => `Times: ${zone}.`,
  profile: (name) => `Project: ${name}.`,
  requestId: (id) => `Request ID: ${id}`,
  version: (version) => `workspace-unbindings ${version}`,
};
