import { METRIC_NAMESPACE } from "../../src/observe/metrics.ts";
import { alarm, type Metric, shareAlarm } from "./alarm.ts";
import { CREDENTIALS_REFUSED, counted, FAULTS, LATE_IN_CHAT } from "./filters.ts";
import {
  answering,
  type DeployedFunction,
  lambdaOf,
  type Resource,
  type Resources,
  type Settings,
} from "./settings.ts";
import { watchAlarms } from "./watch.ts";

/** In `chat-worker.ts`: what is kept for sending, when a lookup has taken all its time. */
const DELIVERY_MS = 3000;
/** The time-out of `chat-worker`, less a second: what takes longer is an error, not slow. */
const WORKER_LIMIT_MS = 19_000;

const ofLambda = (each: DeployedFunction, name: string): Metric => ({
  namespace: "AWS/Lambda",
  name,
  dimensions: { FunctionName: { Ref: lambdaOf(each) } },
});

const ofGateway = (name: string): Metric => ({
  namespace: "AWS/ApiGateway",
  name,
  dimensions: { ApiId: { Ref: "HttpApi" } },
});

const ofSweep = (name: string): Metric => ({
  namespace: "AWS/States",
  name,
  dimensions: { StateMachineArn: { Ref: "Sweep" } },
});

export const ofStage = ({ stage }: Settings, name: string): Metric => ({
  namespace: METRIC_NAMESPACE,
  name,
  dimensions: { stage },
});

export const ofFunction = ({ stage }: Settings, each: DeployedFunction, name: string): Metric => ({
  namespace: METRIC_NAMESPACE,
  name,
  dimensions: { stage, function: each.name },
});

/** Of the time that a call may take. One that its budget ends may end a moment early. */
const ALL_BUT_A_MOMENT = 0.95;

/** An outage at one request a minute is seen within five minutes; one failure among them is none. */
const HALF_OF_THEM = { period: 60, periods: 5, breaching: 3, atLeast: 50 };
const AGAIN_AND_AGAIN = { period: 300, periods: 2, atLeast: 5 };
const AT_ONCE = { period: 60, atLeast: 1 };
const FOR_A_QUARTER_OF_AN_HOUR = { period: 300, periods: 3 };

const LOOK_INTO_THE_LOG = "The log has the code and the cause of each under its request ID.";

/** Every alarm of a deployment. What to do about each is in docs/operate.md. */
export function alarms(settings: Settings): Resources {
  return {
    ...shared(settings),
    ...Object.fromEntries(answering(settings).flatMap((each) => Object.entries(ofOne(settings, each)))),
    ...(settings.hasChat ? ofChat(settings) : {}),
    ...(settings.hasSweep ? ofSweeps(settings) : {}),
    ...(settings.watchMinutes === null ? {} : watchAlarms(settings, settings.watchMinutes)),
  };
}

function shared(settings: Settings): Resources {
  return {
    CredentialsRefusedAlarm: alarm(settings, counted(settings, CREDENTIALS_REFUSED), "Sum", {
      description:
        "Huawei Cloud refuses the access key in the secret. Every further refused call brings the key closer to a lock of 5 minutes. Put a valid key into the secret.",
      ...AT_ONCE,
    }),
    FaultsAlarm: alarm(settings, counted(settings, FAULTS), "Sum", {
      description:
        "A function logged an error - a bug of ours (INTERNAL) or a faulty configuration (configuration_invalid).",
      ...AT_ONCE,
    }),
    // The functions answer most errors themselves, which Lambda does not count as errors. The gateway counts them.
    OutageAlarm: shareAlarm(settings, ofGateway("5xx"), ofGateway("Count"), {
      description: `Half of the requests to the HTTP API or more end in server errors. ${LOOK_INTO_THE_LOG}`,
      ...HALF_OF_THEM,
    }),
    ServerErrorsAlarm: alarm(settings, ofGateway("5xx"), "Sum", {
      description: `The HTTP API answers with server errors again and again. ${LOOK_INTO_THE_LOG}`,
      ...AGAIN_AND_AGAIN,
    }),
    UpstreamThrottledAlarm: alarm(settings, ofStage(settings, "throttles"), "Sum", {
      description:
        "Huawei Cloud has been limiting our calls for a quarter of an hour. 200 calls a minute are shared by all that use the same IAM user.",
      atLeast: 1,
      ...FOR_A_QUARTER_OF_AN_HOUR,
    }),
    KeyExpiresAlarm: alarm(settings, ofStage(settings, "key_expires_in_seconds"), "Minimum", {
      description: `A temporary key in the secret expires in less than ${settings.alarmKeyHours} hours. Put a newer one into the secret.`,
      period: 300,
      below: settings.alarmKeyHours * 3600,
      // Where nobody asks, nothing is known of the key: what was known last still holds.
      missing: "ignore",
    }),
  };
}

/** What every function has, and what tells of an outage where the gateway cannot see it. */
function ofOne(settings: Settings, each: DeployedFunction): Resources {
  const { id, name } = each;
  return {
    [`${id}ErrorsAlarm`]: errors(settings, each),
    [`${id}ThrottlesAlarm`]: alarm(settings, ofLambda(each, "Throttles"), "Sum", {
      description: `Function ${name} was called more often at once than its concurrency allows.`,
      ...AT_ONCE,
    }),
    [`${id}SlowAlarm`]: slow(settings, each),
    ...(name !== "http" && {
      [`${id}OutageAlarm`]: shareAlarm(
        settings,
        ofFunction(settings, each, "server_errors"),
        ofFunction(settings, each, "requests"),
        {
          description: `Half of the answers of function ${name} or more tell of server errors. ${LOOK_INTO_THE_LOG}`,
          ...HALF_OF_THEM,
        },
      ),
    }),
  };
}

function errors(settings: Settings, each: DeployedFunction): Resource {
  const metric = ofLambda(each, "Errors");
  switch (each.name) {
    case "invoke":
      // It throws what it cannot answer, a caller's mistake among them: a few are nothing to wake anybody for.
      return alarm(settings, metric, "Sum", {
        description:
          "Function invoke fails again and again. The log has the code and the cause of each failure under its request ID; without a line of ours, it crashed, or ran out of memory or time.",
        ...AGAIN_AND_AGAIN,
      });
    case "chat-worker":
      return alarm(settings, metric, "Sum", {
        description: "Function chat-worker could not send a late answer, or crashed. Its log has the reason.",
        ...AT_ONCE,
      });
    default:
      return alarm(settings, metric, "Sum", {
        description: `Function ${each.name} failed without an answer of its own. It crashed, or ran out of memory or time.`,
        ...AT_ONCE,
      });
  }
}

function slow(settings: Settings, each: DeployedFunction): Resource {
  const { requestBudgetMs, alarmP99Ms } = settings;
  const duration = ofLambda(each, "Duration");
  switch (each.name) {
    case "chat":
      return alarm(settings, counted(settings, LATE_IN_CHAT), "Sum", {
        description: "Answers in chat come when their platforms have stopped waiting for them.",
        period: 900,
        atLeast: 3,
      });
    case "chat-worker":
      return alarm(settings, duration, "p99", {
        description:
          "One in a hundred late answers took all the time that there is for finding and sending it.",
        atLeast: allButAMoment(Math.min(requestBudgetMs + DELIVERY_MS, WORKER_LIMIT_MS)),
        ...FOR_A_QUARTER_OF_AN_HOUR,
      });
    default: {
      // A call may take its whole budget, and no call takes longer: what is above it could never go off.
      const atLeast = Math.min(alarmP99Ms ?? requestBudgetMs, allButAMoment(requestBudgetMs));
      return alarm(settings, duration, "p99", {
        description: `One in a hundred calls of function ${each.name} takes ${atLeast} ms or more.`,
        atLeast,
        ...FOR_A_QUARTER_OF_AN_HOUR,
      });
    }
  }
}

function allButAMoment(ms: number): number {
  return Math.round(ms * ALL_BUT_A_MOMENT);
}

function ofChat(settings: Settings): Resources {
  return {
    ChatServerErrorsAlarm: alarm(
      settings,
      ofFunction(settings, { name: "chat", id: "Chat" }, "server_errors"),
      "Sum",
      {
        description: `Answers in chat tell of server errors again and again. ${LOOK_INTO_THE_LOG}`,
        ...AGAIN_AND_AGAIN,
      },
    ),
    ChatUnansweredAlarm: alarm(
      settings,
      {
        namespace: "AWS/SQS",
        name: "NumberOfMessagesSent",
        dimensions: { QueueName: { "Fn::GetAtt": ["ChatUnanswered", "QueueName"] } },
      },
      "Sum",
      {
        description:
          "A late answer was not sent to the person who asked in chat. The log of chat-worker says why.",
        ...AT_ONCE,
      },
    ),
  };
}

function ofSweeps(settings: Settings): Resources {
  return {
    SweepFailedAlarm: alarm(settings, ofSweep("ExecutionsFailed"), "Sum", {
      description:
        "A sweep stopped before its end. What it answered is in its results; its last batch says why it stopped.",
      ...AT_ONCE,
    }),
    SweepAbortedAlarm: alarm(settings, ofSweep("ExecutionsAborted"), "Sum", {
      description: "Somebody stopped a sweep before its end. What it answered until then is in its results.",
      ...AT_ONCE,
    }),
  };
}
