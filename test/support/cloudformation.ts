import { loadAwsServiceSpecSync } from "@aws-cdk/aws-service-spec";
import { isIntrinsic, type Template } from "../../deploy/template.ts";

export type { Resource as CloudFormationResource, Template } from "../../deploy/template.ts";

type Spec = ReturnType<typeof loadAwsServiceSpecSync>;
type Resource = ReturnType<Spec["get"]> & {
  properties: Properties;
  attributes: Readonly<Record<string, unknown>>;
};
type Properties = Readonly<Record<string, { type: Type; required?: boolean }>>;

/** A property's type as the specification writes it. */
interface Type {
  type: string;
  allowedValues?: unknown[];
  element?: Type;
  types?: Type[];
  reference?: unknown;
}

// A second to load: once for all that is checked.
const spec: Spec = loadAwsServiceSpecSync();

/**
 * Everything in a template that the specification of CloudFormation's resources does not allow: types, properties,
 * missing properties, values of another kind; and references to what is not there.
 */
export function faultsOf(template: Template): string[] {
  const faults: string[] = [];

  function resourceOf(type: string): Resource | undefined {
    return [...spec.lookup("resource", "cloudFormationType", "equals", type)][0] as unknown as
      | Resource
      | undefined;
  }

  function checkProperties(values: Record<string, unknown>, properties: Properties, path: string): void {
    for (const [name, { required }] of Object.entries(properties)) {
      if (required && !(name in values)) faults.push(`${path}.${name} is missing`);
    }
    for (const [name, value] of Object.entries(values)) {
      const property = properties[name];
      if (property) checkValue(value, property.type, `${path}.${name}`);
      else faults.push(`${path}.${name} is unknown`);
    }
  }

  function checkValue(value: unknown, type: Type, path: string): void {
    // Whether it gives what the property wants is not in the specification: it depends on the target.
    if (isIntrinsic(value)) return;
    const found = faults.length;
    switch (type.type) {
      case "array":
        if (!Array.isArray(value)) faults.push(`${path} must be a list`);
        else
          for (const [index, item] of value.entries())
            checkValue(item, type.element as Type, `${path}.${index}`);
        return;
      case "map":
        for (const [key, item] of Object.entries(value as object))
          checkValue(item, type.element as Type, `${path}.${key}`);
        return;
      case "ref": {
        const definition = spec.get("typeDefinition", type.reference as never);
        if (!isFields(value)) faults.push(`${path} must be an object`);
        else checkProperties(value, definition.properties as Properties, path);
        return;
      }
      case "tag":
        if (!isFields(value) || !("Key" in value && "Value" in value)) faults.push(`${path} must be a tag`);
        return;
      case "union": {
        const fits = (type.types as Type[]).some((each) => {
          checkValue(value, each, path);
          return faults.splice(found).length === 0;
        });
        if (!fits) faults.push(`${path} is of none of its types`);
        return;
      }
      default:
        if (!isPrimitive(value, type)) faults.push(`${path} must be of type ${type.type}`);
    }
  }

  /** `attribute` is absent for a plain reference. */
  function checkReference(id: string, attribute: string | undefined, path: string): void {
    if (id.startsWith("AWS::")) return;
    const target = template.Resources[id];
    if (!target) faults.push(`${path} refers to ${id}, which is not there`);
    else if (attribute !== undefined && !(attribute in (resourceOf(target.Type)?.attributes ?? {})))
      faults.push(`${path} refers to ${id}.${attribute}, which ${target.Type} does not have`);
  }

  function checkReferences(node: unknown, path: string): void {
    if (typeof node !== "object" || node === null) return;
    for (const [key, value] of Object.entries(node)) {
      if (key === "Ref") checkReference(value, undefined, path);
      else if (key === "Fn::GetAtt") checkReference(value[0], value[1], path);
      else if (key === "Fn::Sub") {
        for (const [, id, attribute] of value.matchAll(/\$\{([\w:]+)(?:\.([\w.]+))?\}/g))
          checkReference(id, attribute, path);
      } else checkReferences(value, `${path}.${key}`);
    }
  }

  for (const [id, { Type: type, Properties: values = {}, DependsOn: needs = [] }] of Object.entries(
    template.Resources,
  )) {
    const resource = resourceOf(type);
    if (resource) checkProperties(values, resource.properties, id);
    else faults.push(`${id} is of an unknown type, ${type}`);
    for (const need of [needs].flat()) checkReference(need, undefined, `${id}.DependsOn`);
    checkReferences(values, id);
  }
  checkReferences(template.Outputs ?? {}, "Outputs");
  return faults;
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

// CloudFormation takes a number as text, and the other way round; so does this.
function isPrimitive(value: unknown, { type, allowedValues }: Type): boolean {
  if (allowedValues && !allowedValues.includes(value)) return false;
  if (Array.isArray(value)) return false;
  switch (type) {
    case "json":
      return isFields(value) || typeof value === "string";
    case "boolean":
      return typeof value === "boolean";
    case "integer":
      return /^-?\d+$/.test(String(value));
    case "number":
      return /^-?\d+(\.\d+)?$/.test(String(value));
    default:
      return typeof value === "string" || typeof value === "number";
  }
}

/** How a type of resource takes its tags; `null` if it takes none. */
export function tagsOfType(type: string): "list" | "map" | null {
  const [resource] = [...spec.lookup("resource", "cloudFormationType", "equals", type)];
  const { tagInformation, properties } = (resource ?? {}) as {
    tagInformation?: { tagPropertyName: string };
    properties?: Properties;
  };
  const property = tagInformation && properties?.[tagInformation.tagPropertyName];
  if (!property) return null;
  return property.type.type === "array" ? "list" : "map";
}
