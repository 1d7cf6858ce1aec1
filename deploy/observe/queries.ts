import { logGroupOf, type Resources, type Settings, watched } from "./settings.ts";

/** To be replaced before the query is run. */
const PASTE = "paste the request ID here";

/** What operators ask the logs, by the name under which CloudWatch Logs Insights keeps it. */
export const QUERIES = {
  TopCodes: `filter message = "request"
| stats count(*) as requests by function, code
| sort requests desc`,
  Callers: `filter message = "audit"
| stats count(*) as questions, count(code) as errors by caller
| sort questions desc
| limit 50`,
  Slowest: `filter message = "request"
| fields @timestamp, function, route, duration_ms, upstream_ms, secret_ms, attempts, cache, code, request_id, xray_trace_id
| sort duration_ms desc
| limit 50`,
  OneRequest: `filter request_id = "${PASTE}"
| fields @timestamp, level, message, function, caller, profile, desktop_id, status, code, failed, attempts, upstream_status, upstream_code, upstream_text, upstream_request_id, reason, cause, frames, xray_trace_id
| sort @timestamp asc`,
  Faults: `filter level = "ERROR"
| fields @timestamp, function, message, code, cause, frames, faults, request_id, xray_trace_id
| sort @timestamp desc
| limit 50`,
} as const;

export function savedQueries(settings: Settings): Resources {
  const logGroups = watched(settings).map((each) => ({ Ref: logGroupOf(each) }));
  return Object.fromEntries(
    Object.entries(QUERIES).map(([name, text]) => [
      `${name}Query`,
      {
        Type: "AWS::Logs::QueryDefinition",
        Properties: {
          Name: `${settings.service}/${settings.stage}/${queryName(name)}`,
          LogGroupNames: logGroups,
          QueryString: text,
        },
      },
    ]),
  );
}

/** As an operator reads it: "Top codes". */
export function queryName(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
