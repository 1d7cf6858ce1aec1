import type { Template } from "./template.ts";

type Conditions = Readonly<Record<string, unknown>>;

/**
 * The template as CloudFormation would act on it: conditions decided, what they exclude gone. Ours compare texts that
 * are known when packaging, so each can be decided.
 *
 * @throws Error for a condition that does not exist or is of another kind.
 */
export function settle(template: Template): Template {
  const { Conditions: conditions = {}, Resources, Outputs = {}, ...rest } = template;
  const kept = { ...rest, Resources: decided(Resources, conditions), Outputs: decided(Outputs, conditions) };
  return choose(kept, conditions) as Template;
}

/** Those whose condition holds, without it. */
function decided<Item extends { Condition?: string }>(
  items: Readonly<Record<string, Item>>,
  conditions: Conditions,
) {
  const kept = Object.entries(items).filter(
    ([, { Condition: name }]) => name === undefined || decide({ Condition: name }, conditions),
  );
  return Object.fromEntries(kept.map(([id, { Condition: _decided, ...item }]) => [id, item]));
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
    case "Fn::Or":
      return (operands as unknown[]).some((operand) => decide(operand, conditions));
    case "Fn::Equals":
      return String(operands[0]) === String(operands[1]);
    default:
      throw new Error(`no way to decide ${kind}`);
  }
}
