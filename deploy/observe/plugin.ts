import { alarms } from "./alarms.ts";
import { dashboard } from "./dashboard.ts";
import { filters } from "./filters.ts";
import { savedQueries } from "./queries.ts";
import type { Resources, Settings, Value } from "./settings.ts";

/** What we use of the framework: the value of a variable such as `param:stage`. */
interface Resolution {
  resolveVariable: (variable: string) => Promise<unknown>;
}

/** All that a deployment is watched with. */
export function observability(settings: Settings): Resources {
  return { ...filters(settings), ...alarms(settings), ...dashboard(settings), ...savedQueries(settings) };
}

async function readSettings({ resolveVariable }: Resolution): Promise<Settings> {
  const text = async (variable: string) => String(await resolveVariable(variable));
  const number = async (variable: string) => Number(await resolveVariable(variable));
  return {
    service: await text("self:service"),
    stage: await text("sls:stage"),
    requestBudgetMs: await number("param:requestBudgetMs"),
    alarmP99Ms: (await number("param:alarmP99Ms")) || null,
    alarmKeyHours: await number("param:alarmKeyHours"),
    hasConsole: (await text("param:console")) === "on",
    hasChat: (await text("param:chatSecretArn")) !== "",
    hasSweep: (await text("param:sweep")) === "on",
    watchMinutes: (await text("param:watch")) === "on" ? await number("param:watchMinutes") : null,
    actions: (await resolveVariable("file(deploy/alarms.yml):actions")) as Value[],
  };
}

/** A plugin of the framework: `${observe:resources}` is what the template has for watching the functions. */
export default class Observe {
  readonly configurationVariablesSources = {
    observe: {
      resolve: async (resolution: Resolution) => ({
        value: { Resources: observability(await readSettings(resolution)) },
      }),
    },
  };
}
