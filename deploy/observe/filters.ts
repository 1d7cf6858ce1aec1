import type { Metric } from "./alarm.ts";
import {
  type DeployedFunction,
  filterNamespace,
  logGroupOf,
  type Resource,
  type Resources,
  type Settings,
  watched,
} from "./settings.ts";
import { WATCH_FILTERS } from "./watch.ts";

/** What metric filters count: each in one metric, whichever function's log has the line. */
export const CREDENTIALS_REFUSED = "CredentialsRefused";
export const FAULTS = "Faults";
export const LATE_IN_CHAT = "LateInChat";

/** How long each platform waits for an answer, in milliseconds. See docs/chat.md. */
export const PLATFORM_WAITS_MS: Readonly<Record<string, number>> = {
  slack: 3000,
  feishu: 3000,
  dingtalk: 3000,
  teams: 5000,
  wecom: 5000,
};

/** What of that goes by on the way there and back. */
const ON_THE_WAY_MS = 200;

export function counted(settings: Settings, name: string): Metric {
  return { namespace: filterNamespace(settings), name };
}

/** The metric filters of all functions. */
export function filters(settings: Settings): Resources {
  const entries = watched(settings).flatMap((each): [string, Resource][] => [
    // What became of a request: a refusal that a newer key mended is a rotation, and wakes nobody.
    [
      `${each.id}${CREDENTIALS_REFUSED}`,
      filter(settings, each, CREDENTIALS_REFUSED, '{ $.code = "CREDENTIALS_REFUSED" }'),
    ],
    [`${each.id}${FAULTS}`, filter(settings, each, FAULTS, '{ $.level = "ERROR" }')],
    ...Object.entries(OWN_FILTERS[each.name] ?? {}).map(([name, pattern]): [string, Resource] => [
      name,
      filter(settings, each, name, pattern),
    ]),
  ]);
  return Object.fromEntries(entries);
}

function filter(settings: Settings, each: DeployedFunction, name: string, pattern: string): Resource {
  return {
    Type: "AWS::Logs::MetricFilter",
    Properties: {
      LogGroupName: { Ref: logGroupOf(each) },
      FilterPattern: pattern,
      MetricTransformations: [
        { MetricNamespace: filterNamespace(settings), MetricName: name, MetricValue: "1", DefaultValue: 0 },
      ],
    },
  };
}

/** What only one function's lines say. */
const OWN_FILTERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  chat: { [LATE_IN_CHAT]: lateInChat() },
  watch: WATCH_FILTERS,
};

/** A request's line whose answer came when its platform had stopped waiting. */
function lateInChat(): string {
  const cases = Object.entries(PLATFORM_WAITS_MS).map(
    ([platform, ms]) => `($.route = "/chat/${platform}" && $.duration_ms >= ${ms - ON_THE_WAY_MS})`,
  );
  return `{ $.message = "request" && (${cases.join(" || ")}) }`;
}
