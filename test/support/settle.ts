import type { Template } from "./cloudformation.ts";

type Conditions = Readonly<Record<string, unknown>>;

/**
 * The template as CloudFormation would act on it: conditions decided, what they exclude gone. Ours compare texts that
 * are known when packaging, so each can be decided.
 *
 * @throws Error for a condition that does not exist or is of another kind.
 */
export function settle(template: Template): Template {
  const { Conditions: conditions = {}, ...rest } = template;
  const resources = Object.entries(rest.Resources).filter(
    ([, { Condition: name }]) => name === undefined || decide({ Condition: name }, conditions),
  );
  const kept = resources.map(([id, { Condition: _decided, ...resource }]) => [id, resource]);
  return choose({ ...rest, Resources: Object.fromEntries(kept) }, conditions) as Template;
}

const NOTHING = Symbol("AWS::NoValue");

function choose(node: unknown, conditions: Conditions): unknown {
  if (Array.isArray(node))
    return node.map((item) => choose(item, conditions)).filter((item) => item !== NOTHING);
  if (typeof node !== "object" || node === null) return node;
  const fields = node as Record<string, unknown>;
  if (fields["Ref"] === "AWS::NoValue") return NOTHING;
  if (fields["Fn::If"]) {
    const [name, whenTrue, whenFalse] = fields["Fn::If"] as [string, unknown, unknown];
    return choose(decide({ Condition: name }, conditions) ? whenTrue : whenFalse, conditions);
  }
  const chosen = Object.entries(fields).map(([key, value]) => [key, choose(value, conditions)] as const);
  return Object.fromEntries(chosen.filter(([, value]) => value !== NOTHING));
}

function decide(condition: unknown, conditions: Conditions): boolean {
  const [kind, operands] = Object.entries(condition as object)[0] as [string, never];
  switch (kind) {
    case "Condition":
      if (!(operands in conditions)) throw new Error(`no condition named ${operands}`);
      return decide(conditions[operands], conditions);
    case "Fn::Not":
      return !decide(operands[0], conditions);
    case "Fn::And":
      return (operands as unknown[]).every((operand) => decide(operand, conditions));
    case "Fn::Equals":
      return String(operands[0]) === String(operands[1]);
    default:
      throw new Error(`no way to decide ${kind}`);
  }
}
