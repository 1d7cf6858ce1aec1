import { alarm, type Metric } from "./alarm.ts";
import { lambdaOf, type Resources, type Settings, WATCH } from "./settings.ts";

/** What the line of a run says, by the metric that counts it; see src/watch/watch-function.ts. */
export const WATCH_FILTERS = {
  /** A run that read the list of every profile to its end. */
  WatchHeartbeat: "{ $.complete IS TRUE }",
  WatchFailingChannels: "{ $.failing_channels > 0 }",
  WatchOverdue: "{ $.outbox_age_seconds >= 3600 }",
  WatchUntold: "{ $.uncertain > 0 || $.refused > 0 || $.given_up > 0 }",
} as const;

/** So many intervals without a complete list, and the watch is blind. */
const BLIND_INTERVALS = 3;
/** A run ends so long before the next one begins, and before its function's time-out of 290 s. */
const BEFORE_NEXT_SECONDS = 30;
const LONGEST_RUN_SECONDS = 280;
/** Of the time that a run may take: one that is cut short by its own budget ends a moment before that. */
const NEARLY_ALL = 0.95;

const AT_ONCE = { period: 60, atLeast: 1 };

/** The alarms of the watch, which runs every so many minutes. */
export function watchAlarms(settings: Settings, minutes: number): Resources {
  const { service, stage } = settings;
  const byLine = (name: keyof typeof WATCH_FILTERS): Metric => ({ namespace: `${service}/${stage}`, name });
  const ofLambda = (name: string): Metric => ({
    namespace: "AWS/Lambda",
    name,
    dimensions: { FunctionName: { Ref: lambdaOf(WATCH) } },
  });
  // Each run says it: with two runs in a period, one that begins a little late is no recovery.
  const asLongAsRunsSaySo = { period: 2 * minutes * 60, atLeast: 1 };
  const longestRunMs = Math.min(minutes * 60 - BEFORE_NEXT_SECONDS, LONGEST_RUN_SECONDS) * 1000;
  return {
    WatchBlindAlarm: alarm(settings, byLine("WatchHeartbeat"), "Sum", {
      description:
        "The watch has not read the whole list of desktops for three intervals, or does not run at all. Unbindings go unreported meanwhile.",
      period: BLIND_INTERVALS * minutes * 60,
      below: 1,
      missing: "breaching",
    }),
    WatchChannelsAlarm: alarm(settings, byLine("WatchFailingChannels"), "Sum", {
      description:
        "A channel of the watch has not taken a message for an hour. The log of watch names it and says why.",
      ...asLongAsRunsSaySo,
    }),
    WatchOutboxAlarm: alarm(settings, byLine("WatchOverdue"), "Sum", {
      description: "A message of the watch has been waiting for more than an hour.",
      ...asLongAsRunsSaySo,
    }),
    WatchUntoldAlarm: alarm(settings, byLine("WatchUntold"), "Sum", {
      description:
        "A channel may not have been told of an event - its answers were lost twice, it refused the form of the message, or it took nothing for a week. The ledger has the event.",
      ...AT_ONCE,
    }),
    WatchFailedAlarm: alarm(
      settings,
      {
        namespace: "AWS/SQS",
        name: "NumberOfMessagesSent",
        dimensions: { QueueName: { "Fn::GetAtt": ["WatchFailed", "QueueName"] } },
      },
      "Sum",
      {
        description:
          "A run of the watch was not started, or failed. The queue has the event, the log of watch the reason.",
        ...AT_ONCE,
      },
    ),
    WatchErrorsAlarm: alarm(settings, ofLambda("Errors"), "Sum", {
      description:
        "Function watch failed. A secret cannot be read or is not valid, or it crashed, or ran out of memory or time.",
      ...AT_ONCE,
    }),
    WatchThrottlesAlarm: alarm(settings, ofLambda("Throttles"), "Sum", {
      description:
        "Function watch was not allowed to run: two runs were under way, or the account had no room.",
      ...AT_ONCE,
    }),
    WatchSlowAlarm: alarm(settings, ofLambda("Duration"), "p99", {
      description: "Runs of the watch take all the time that there is between two of them.",
      period: minutes * 60,
      periods: 3,
      atLeast: Math.round(longestRunMs * NEARLY_ALL),
    }),
  };
}
