/** A resource as CloudFormation takes it. */
export interface Resource {
  Type: string;
  Condition?: string;
  // biome-ignore lint/suspicious/noExplicitAny: as deep and various as the services themselves
  Properties?: Record<string, any>;
  DependsOn?: string | string[];
  DeletionPolicy?: string;
  UpdateReplacePolicy?: string;
}

export interface Template {
  Resources: Record<string, Resource>;
  Conditions?: Record<string, unknown>;
  Outputs?: Record<string, { Condition?: string; Value: unknown }>;
}

/** Whether CloudFormation fills the value in. */
export function isIntrinsic(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    /^(?:Ref|Fn::\w+)$/.test(Object.keys(value)[0] ?? "")
  );
}

/** The resources of a type, by their names. */
export function ofType(template: Template, type: string): [id: string, resource: Resource][] {
  return Object.entries(template.Resources).filter(([, resource]) => resource.Type === type);
}
