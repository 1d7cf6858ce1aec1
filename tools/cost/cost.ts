import { observability } from "../../deploy/observe/plugin.ts";
import type { Settings } from "../../deploy/observe/settings.ts";
import { watched } from "../../deploy/observe/settings.ts";
import { FUNCTION_METRICS, STAGE_METRICS } from "../../src/observe/metrics.ts";

/** AWS's list prices in dollars, us-east-1, without any free tier. Other regions differ by some ten per cent. */
export const PRICES = {
  asOf: "2026-11-24",
  lambdaMillionRequests: 0.2,
  /** arm64. */
  lambdaGbSecond: 0.0000133334,
  httpApiMillionRequests: 1,
  customMetric: 0.3,
  alarmMetric: 0.1,
  dashboard: 3,
  logGbIngested: 0.5,
  logGbMonth: 0.03,
  secret: 0.4,
  secretCall: 0.05 / 10_000,
  traceRecorded: 5 / 1_000_000,
  dynamodbMillionWrites: 0.625,
} as const;

/** How much one stage is used in a month. */
export interface Size {
  name: string;
  /** HTTP API and `invoke` together. */
  requests: number;
  /** Questions in chat; with none, chat is not deployed. */
  chatQuestions: number;
  /** How many containers are alive around the clock, on average: each reads the secret every five minutes. */
  containers: number;
}

export const SIZES: readonly Size[] = [
  { name: "a helpdesk", requests: 2000, chatQuestions: 0, containers: 0.1 },
  { name: "a company", requests: 100_000, chatQuestions: 10_000, containers: 1 },
  { name: "a platform", requests: 3_000_000, chatQuestions: 100_000, containers: 5 },
];

/** What one request takes, on average. Most of the time is Huawei's. */
export const REQUEST = {
  durationMs: 300,
  memoryGb: 0.5,
  /** Request line and audit line, Lambda's own lines, the gateway's access log. */
  logBytes: 3200,
} as const;

const GB = 1e9;
const MONTH_IN_SECRET_TTLS = (30 * 86_400) / 300;

export interface Item {
  what: string;
  dollars: number;
}

function settingsOf({ chatQuestions }: Size): Settings {
  return {
    service: "workspace-unbindings",
    stage: "prod",
    requestBudgetMs: 8000,
    alarmP99Ms: null,
    alarmKeyHours: 24,
    hasConsole: false,
    hasChat: chatQuestions > 0,
    hasSweep: false,
    watchMinutes: null,
    actions: [],
  };
}

/** Every metric that a deployment makes beyond those that AWS's services bring: each is billed. */
export function customMetrics(settings: Settings): number {
  const byFilters = Object.values(observability(settings))
    .filter(({ Type }) => Type === "AWS::Logs::MetricFilter")
    .flatMap(({ Properties }) => Properties["MetricTransformations"] as { MetricName: string }[])
    .map(({ MetricName }) => MetricName);
  return STAGE_METRICS.length + watched(settings).length * FUNCTION_METRICS.length + new Set(byFilters).size;
}

/** An alarm is billed by the metrics that it looks at. */
export function alarmMetrics(settings: Settings): { alarms: number; metrics: number } {
  const alarms = Object.values(observability(settings)).filter(
    ({ Type }) => Type === "AWS::CloudWatch::Alarm",
  );
  const metrics = alarms.map(({ Properties }) => {
    const queries = Properties["Metrics"] as { MetricStat?: object }[] | undefined;
    return queries ? queries.filter(({ MetricStat }) => MetricStat).length : 1;
  });
  return { alarms: alarms.length, metrics: metrics.reduce((sum, count) => sum + count, 0) };
}

/** What a month costs, by what is paid for. */
export function monthlyCost(size: Size): Item[] {
  const settings = settingsOf(size);
  const { alarms, metrics } = alarmMetrics(settings);
  const custom = customMetrics(settings);
  const requests = size.requests + size.chatQuestions;
  const logGb = (requests * REQUEST.logBytes) / GB;
  const gbSeconds = (requests * REQUEST.memoryGb * REQUEST.durationMs) / 1000;
  const secrets = settings.hasChat ? 2 : 1;
  const secretCalls = size.containers * secrets * MONTH_IN_SECRET_TTLS;
  return [
    {
      what: "Lambda",
      dollars: millions(requests) * PRICES.lambdaMillionRequests + gbSeconds * PRICES.lambdaGbSecond,
    },
    { what: "API Gateway", dollars: millions(requests) * PRICES.httpApiMillionRequests },
    { what: `${custom} custom metrics`, dollars: custom * PRICES.customMetric },
    { what: `${alarms} alarms on ${metrics} metrics`, dollars: metrics * PRICES.alarmMetric },
    { what: "dashboard", dollars: PRICES.dashboard },
    { what: "logs, kept for 30 days", dollars: logGb * (PRICES.logGbIngested + PRICES.logGbMonth) },
    { what: "X-Ray, every request traced", dollars: requests * PRICES.traceRecorded },
    {
      what: secrets === 1 ? "one secret" : "two secrets",
      dollars: secrets * PRICES.secret + secretCalls * PRICES.secretCall,
    },
    ...(settings.hasChat
      ? [{ what: "DynamoDB", dollars: millions(size.chatQuestions) * PRICES.dynamodbMillionWrites }]
      : []),
  ];
}

const millions = (count: number) => count / 1_000_000;

const inDollars = (dollars: number) => dollars.toFixed(2);

/** The sizes side by side, as a table in Markdown. */
export function costTable(sizes: readonly Size[] = SIZES): string {
  const usage = ({ requests, chatQuestions }: Size) =>
    chatQuestions > 0
      ? `${grouped(requests)} requests, ${grouped(chatQuestions)} questions in chat`
      : `${grouped(requests)} requests, no chat`;
  const items = sizes.map(monthlyCost);
  const kinds = items.at(-1)?.map(({ what }) => kindOf(what)) ?? [];
  const cell = (of: readonly Item[], kind: string) => {
    const item = of.find(({ what }) => kindOf(what) === kind);
    if (!item) return "–";
    const count = /^(?:\d+|one|two)\b.*/.exec(item.what)?.[0];
    return count ? `${inDollars(item.dollars)} (${count})` : inDollars(item.dollars);
  };
  const total = (of: readonly Item[]) => inDollars(of.reduce((sum, { dollars }) => sum + dollars, 0));
  return [
    `| $ a month | ${sizes.map(({ name }) => name).join(" | ")} |`,
    `| --- |${sizes.map(() => " --- |").join("")}`,
    `| | ${sizes.map(usage).join(" | ")} |`,
    ...kinds.map((kind) => `| ${kind} | ${items.map((of) => cell(of, kind)).join(" | ")} |`),
    `| **in all** | ${items.map((of) => `**${total(of)}**`).join(" | ")} |`,
  ].join("\n");
}

/** What is paid for, without how many there are. */
function kindOf(what: string): string {
  if (what.includes("alarms")) return "alarms";
  if (what.includes("secret")) return "Secrets Manager";
  return what.replace(/^\d+ /, "");
}

const grouped = (count: number) => count.toLocaleString("en-US");
