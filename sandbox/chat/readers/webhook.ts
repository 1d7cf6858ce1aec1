import { formatInZone } from "../../../src/chat/format-time.ts";
import { bullet, type Reader } from "../shown.ts";

interface Answer extends Partial<Result> {
  usage?: string;
  results?: (({ ok: true } & Result) | ({ ok: false } & Failure))[];
  request_id: string;
}

interface Result {
  desktop_id: string;
  desktop_name: string | null;
  profile: string;
  count: number;
  total: number;
  unbindings: Row[];
}

interface Row {
  user_name: string | null;
  user_id: string | null;
  user_group: string | null;
  unbound_at: string | null;
  detach_time: string | null;
}

interface Failure {
  desktop_id: string | null;
  desktop_name?: string;
  code: string;
  detail: string;
}

/** Data in place of a card: the lines are ours, what is in them is the reply's. */
export const readWebhook: Reader = (body, timeZone) => {
  if (body === "") return null;
  const answer = JSON.parse(body) as Answer;
  const results = answer.results ?? ("unbindings" in answer ? [{ ok: true, ...(answer as Result) }] : []);
  return {
    to: "the program",
    groups: [
      answer.usage === undefined ? [] : [answer.usage],
      ...results.map((each) =>
        "unbindings" in each ? linesOf(each, timeZone) : failureLines(each as Failure),
      ),
      [`request_id ${answer.request_id}`],
    ],
    isAnnouncement: false,
  };
};

function linesOf(
  { desktop_id, desktop_name, profile, count, total, unbindings }: Result,
  timeZone: string,
): string[] {
  return [
    [desktop_name, desktop_id].filter((part) => part !== null).join(" "),
    `${count} of ${total}, profile ${profile}`,
    ...unbindings.map(({ user_name, user_id, user_group, unbound_at, detach_time }) => {
      const group = user_group === null ? "" : ` (${user_group})`;
      const time = unbound_at === null ? detach_time : formatInZone(Date.parse(unbound_at), timeZone);
      return bullet(`${user_name ?? user_id}${group}  ${time ?? "no time"}`);
    }),
  ];
}

function failureLines({ desktop_id, desktop_name, code, detail }: Failure): string[] {
  return [`${desktop_name ?? desktop_id}`, `${code}: ${detail}`];
}
