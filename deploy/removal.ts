import type { Stack } from "./stack.ts";
import { ofType, type Template } from "./template.ts";

/** Parts of the service that a parameter switches on, by what their resources are called. */
export const PARTS = [
  { name: "chat", ids: /^Chat/ },
  { name: "the sweep", ids: /^Sweep/ },
  { name: "the watch and its ledger", ids: /^(?:Watch|Ledger)/ },
  { name: "the console", ids: /^Console/ },
  { name: "the audit log", ids: /^Audit|AuditSubscription$/ },
  { name: "the custom domain", ids: /^Domain/ },
] as const;

/**
 * What a stack would lose by a deployment: its parts, each with the resources that would be deleted, and the access
 * policy, without which everybody is admitted.
 *
 * @param next The template that is to be deployed, settled.
 */
export function lossesOf(stack: Stack, next: Template): string[] {
  const removed = stack.resources.filter((id) => !(id in next.Resources));
  const losses = PARTS.flatMap(({ name, ids }) => {
    const found = removed.filter((id) => ids.test(id)).sort();
    return found.length === 0 ? [] : [`${name} (${found.join(", ")})`];
  });
  if (hasPolicy(stack.template) && !hasPolicy(next)) {
    losses.push("the access policy, and every caller may then ask about the default profile");
  }
  return losses;
}

function hasPolicy(template: Template): boolean {
  return ofType(template, "AWS::Lambda::Function").some(
    ([, { Properties }]) => (Properties?.["Environment"]?.Variables?.ACCESS_POLICY ?? "") !== "",
  );
}
