import { MalformedAnswer } from "../workspace/answer.ts";
import type { Profile } from "../workspace/profile.ts";
import { type Caller, tell } from "./call.ts";
import { neighbour } from "./neighbour.ts";
import { type Finding, ok, warning } from "./report.ts";

/**
 * Whether the key's user may do more than this service needs, as far as it shows: what reads the project's servers was
 * given far more than our policies. One call, which changes nothing; whatever else it is answered with says nothing.
 */
export async function checkPrivileges(caller: Caller, profile: Profile): Promise<Finding> {
  const endpoint = neighbour(profile.endpoint, "ecs");
  if (!endpoint)
    return ok("privileges", "not looked at: a private endpoint has no other service that we know");
  const { verdict } = await tell(caller, profile, {
    endpoint,
    method: "GET",
    path: `/v1/${profile.projectId}/cloudservers/detail`,
    query: [["limit", "1"]],
    read: ({ servers }) => {
      if (!Array.isArray(servers)) throw new MalformedAnswer("no list of servers");
      return null;
    },
  });
  if (!verdict.ok) return ok("privileges", "nothing was seen beyond what is needed");
  return warning(
    "privileges",
    "The key's user may also list the project's servers (ecs:cloudServers:list), which this service never does.",
    "Give the key to an IAM user of its own, with the policy of the deployment guide and nothing else.",
  );
}
