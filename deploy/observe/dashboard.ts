import { METRIC_NAMESPACE } from "../../src/observe/metrics.ts";
import { alarms } from "./alarms.ts";
import {
  type DeployedFunction,
  deployed,
  lambdaOf,
  logGroupOf,
  type Resources,
  type Settings,
  watched,
} from "./settings.ts";

/** What the service means to keep to, over any week. */
export const OBJECTIVES = { withoutOurErrorsPercent: 99.5, p95Ms: 2000 };

/** What Huawei Cloud allows one IAM user. */
const QUOTA_PER_MINUTE = 200;

type Row = readonly (string | Readonly<Record<string, unknown>>)[];
type Widget = Readonly<Record<string, unknown>>;

/** A widget and how much of the 24 columns and of the height it takes. */
interface Sized {
  width: number;
  height: number;
  type: "metric" | "log" | "alarm";
  properties: Readonly<Record<string, unknown>>;
}

/** One page for whoever wants to see how it goes. It tells neither persons nor desktops. */
export function dashboard(settings: Settings): Resources {
  const rows = [
    objectives(settings),
    [alarmStates(settings)],
    [requests(settings), serverErrors(settings), codes(settings)],
    [durations(settings), upstreamDurations(settings)],
    [upstreamCalls(settings), upstreamTrouble(settings), keyExpiry(settings)],
    [calls(settings), failures(settings), atOnce(settings)],
  ];
  return {
    Dashboard: {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: {
        DashboardName: `${settings.service}-${settings.stage}`,
        DashboardBody: {
          "Fn::Sub": JSON.stringify({ periodOverride: "inherit", widgets: placed(rows) }),
        },
      },
    },
  };
}

/** From left to right, row below row. */
function placed(rows: readonly (readonly Sized[])[]): Widget[] {
  let y = 0;
  return rows.flatMap((row) => {
    let x = 0;
    const widgets = row.map(({ width, height, type, properties }) => {
      const widget = { type, x, y, width, height, properties };
      x += width;
      return widget;
    });
    y += Math.max(...row.map(({ height }) => height));
    return widgets;
  });
}

const REGION = "${" + "AWS::Region}";
const placeholder = (id: string) => `\${${id}}`;

interface Graph {
  title: string;
  stat?: string;
  period?: number;
  metrics: readonly Row[];
  more?: Readonly<Record<string, unknown>>;
}

function graph(width: number, { title, stat = "Sum", period = 60, metrics, more }: Graph): Sized {
  return {
    width,
    height: 6,
    type: "metric",
    properties: { title, region: REGION, view: "timeSeries", period, stat, metrics, ...more },
  };
}

const ofStage = (settings: Settings, name: string, more: object = {}): Row => [
  METRIC_NAMESPACE,
  name,
  "stage",
  settings.stage,
  more as Record<string, unknown>,
];

const ofFunction = (settings: Settings, each: DeployedFunction, name: string, more: object = {}): Row => [
  METRIC_NAMESPACE,
  name,
  "stage",
  settings.stage,
  "function",
  each.name,
  { label: each.name, ...more },
];

const ofLambda = (each: DeployedFunction, name: string, more: object = {}): Row => [
  "AWS/Lambda",
  name,
  "FunctionName",
  placeholder(lambdaOf(each)),
  { label: each.name, ...more },
];

/** Both objectives over the time that the dashboard shows, and how they came about. */
function objectives(settings: Settings): Sized[] {
  const { withoutOurErrorsPercent, p95Ms } = OBJECTIVES;
  const all = watched(settings);
  const share = {
    expression: `100 * (1 - ours / SUM([${all.map((_, index) => `r${index}`).join(", ")}]))`,
    label: "per cent",
    id: "good",
  };
  const metrics: Row[] = [
    [share],
    ofStage(settings, "our_errors", { id: "ours", visible: false, stat: "Sum" }),
    ...all.map((each, index) =>
      ofFunction(settings, each, "requests", { id: `r${index}`, visible: false, stat: "Sum" }),
    ),
  ];
  const latency: Row = ["AWS/ApiGateway", "Latency", "ApiId", placeholder("HttpApi"), { label: "p95 (ms)" }];
  const asNumber = { view: "singleValue", setPeriodToTimeRange: true };
  const line = (value: number, label: string) => ({
    annotations: { horizontal: [{ value, label }] },
  });
  return [
    graph(6, {
      title: `Requests without a 5xx of ours (objective: ${withoutOurErrorsPercent} %)`,
      metrics,
      more: asNumber,
    }),
    graph(6, {
      title: `API, p95 (objective: under ${p95Ms} ms)`,
      stat: "p95",
      metrics: [latency],
      more: asNumber,
    }),
    graph(6, {
      title: "Requests without a 5xx of ours (%)",
      period: 300,
      metrics,
      more: line(withoutOurErrorsPercent, "objective"),
    }),
    graph(6, {
      title: "API, p95 (ms)",
      stat: "p95",
      period: 300,
      metrics: [latency],
      more: line(p95Ms, "objective"),
    }),
  ];
}

function alarmStates(settings: Settings): Sized {
  const arns = Object.keys(alarms(settings)).map((id) => placeholder(`${id}.Arn`));
  return { width: 24, height: 4, type: "alarm", properties: { title: "Alarms", alarms: arns } };
}

function requests(settings: Settings): Sized {
  const metrics = watched(settings).map((each) => ofFunction(settings, each, "requests"));
  return graph(8, { title: "Requests by function", metrics, more: { stacked: true } });
}

function serverErrors(settings: Settings): Sized {
  const metrics = watched(settings).map((each) => ofFunction(settings, each, "server_errors"));
  return graph(8, {
    title: "Answers that told of a server error, by function",
    metrics,
    more: { stacked: true },
  });
}

/** Out of the log: a metric for each code of each function would cost more than all others together. */
function codes(settings: Settings): Sized {
  const sources = watched(settings).map((each) => `SOURCE '${placeholder(logGroupOf(each))}'`);
  const query = `${sources.join(" | ")} | filter message = "request" and ispresent(code) | stats count(*) as requests by function, code | sort requests desc`;
  return {
    width: 8,
    height: 6,
    type: "log",
    properties: { title: "Top codes", region: REGION, view: "table", query },
  };
}

function durations(settings: Settings): Sized {
  const metrics = watched(settings).flatMap((each) =>
    ["p50", "p99"].map((stat) => ofLambda(each, "Duration", { stat, label: `${each.name}, ${stat}` })),
  );
  return graph(12, { title: "How long functions take (ms)", metrics });
}

function upstreamDurations(settings: Settings): Sized {
  const metrics = ["p50", "p99"].map((stat) =>
    ofStage(settings, "upstream_ms", { stat, label: `Huawei, ${stat}` }),
  );
  return graph(12, { title: "How much of a request's time is Huawei's (ms)", metrics });
}

function upstreamCalls(settings: Settings): Sized {
  const metrics = ["lookups", "cache_hits", "attempts"].map((name) => ofStage(settings, name));
  const quota = { value: QUOTA_PER_MINUTE, label: "Huawei's quota for a user's attempts" };
  return graph(8, {
    title: "Lookups, cache hits, attempts (a minute)",
    metrics,
    more: { annotations: { horizontal: [quota] } },
  });
}

function upstreamTrouble(settings: Settings): Sized {
  const metrics = ["throttles", "refusals", "unreadable_times"].map((name) => ofStage(settings, name));
  return graph(8, { title: "Throttled, refused, times that cannot be read", metrics });
}

function keyExpiry(settings: Settings): Sized {
  const metrics = [ofStage(settings, "key_expires_in_seconds")];
  const renew = { value: settings.alarmKeyHours * 3600, label: "alarm" };
  return graph(8, {
    title: "Temporary keys expire in (s)",
    stat: "Minimum",
    period: 300,
    metrics,
    more: { annotations: { horizontal: [renew] } },
  });
}

function calls(settings: Settings): Sized {
  const metrics = deployed(settings).map((each) => ofLambda(each, "Invocations"));
  return graph(8, { title: "Lambda: invocations", metrics });
}

function failures(settings: Settings): Sized {
  const metrics = deployed(settings).flatMap((each) =>
    ["Errors", "Throttles"].map((name) => ofLambda(each, name, { label: `${each.name}, ${name}` })),
  );
  return graph(8, { title: "Lambda: errors and throttles", metrics });
}

function atOnce(settings: Settings): Sized {
  const metrics = deployed(settings).map((each) => ofLambda(each, "ConcurrentExecutions"));
  return graph(8, { title: "Lambda: at once", stat: "Maximum", metrics });
}
