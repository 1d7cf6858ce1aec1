/** A value of CloudFormation: text, or an intrinsic function such as `{ Ref }`. */
export type Value = string | number | Readonly<Record<string, unknown>>;

export interface Resource {
  Type: string;
  Properties: Readonly<Record<string, unknown>>;
}

export type Resources = Readonly<Record<string, Resource>>;

/** What of a deployment decides how it is watched. */
export interface Settings {
  service: string;
  stage: string;
  requestBudgetMs: number;
  /** What the operator wants instead of the budget; `null` if nothing. */
  alarmP99Ms: number | null;
  /** Temporary keys must be renewed by that long before they expire. */
  alarmKeyHours: number;
  hasConsole: boolean;
  hasChat: boolean;
  hasSweep: boolean;
  /** How far apart the runs of the watch are; `null` without the watch. */
  watchMinutes: number | null;
  /** Whom an alarm tells. */
  actions: readonly Value[];
}

/** A function as it is named here, on Lambda, and in the template. */
export interface DeployedFunction {
  name: string;
  /** The first part of its logical IDs: the framework's spelling of its name. */
  id: string;
}

const HTTP = { name: "http", id: "Http" };
const INVOKE = { name: "invoke", id: "Invoke" };
const CHAT = { name: "chat", id: "Chat" };
const DOCS = { name: "docs", id: "Docs" };
const CONSOLE = { name: "console", id: "Console" };
const CHAT_WORKER = { name: "chat-worker", id: "ChatDashworker" };
export const WATCH = { name: "watch", id: "Watch" };

/** Those that answer questions. */
export function answering({ hasChat }: Settings): DeployedFunction[] {
  return hasChat ? [HTTP, INVOKE, CHAT, CHAT_WORKER] : [HTTP, INVOKE];
}

/** Those that work while nobody looks on: each has metrics, filters and alarms. */
export function watched(settings: Settings): DeployedFunction[] {
  return settings.watchMinutes === null ? answering(settings) : [...answering(settings), WATCH];
}

/**
 * All of them. Operators invoke the doctor by hand, without the reference nobody is without an answer, and people who do not get to see
 * the console say so.
 */
export function deployed(settings: Settings): DeployedFunction[] {
  const pages = settings.hasConsole ? [DOCS, CONSOLE] : [DOCS];
  return [...watched(settings), ...pages, { name: "doctor", id: "Doctor" }];
}

export const logGroupOf = ({ id }: DeployedFunction) => `${id}LogGroup`;
export const lambdaOf = ({ id }: DeployedFunction) => `${id}LambdaFunction`;

/** Where metric filters count. */
export function filterNamespace({ service, stage }: Settings): string {
  return `${service}/${stage}`;
}
