import {
  CloudFormationClient,
  type CloudFormationClientConfig,
  GetTemplateCommand,
  paginateListStackResources,
} from "@aws-sdk/client-cloudformation";
import { settle } from "./settle.ts";
import type { Template } from "./template.ts";

/** What a stack has. */
export interface Stack {
  /** Names of its resources. */
  resources: readonly string[];
  template: Template;
}

/** Reads what a stack has; `null` where there is no stack. */
export async function readStack(name: string, config: CloudFormationClientConfig): Promise<Stack | null> {
  const client = new CloudFormationClient(config);
  try {
    const resources: string[] = [];
    for await (const page of paginateListStackResources({ client }, { StackName: name })) {
      const present = page.StackResourceSummaries?.filter(
        (each) => each.ResourceStatus !== "DELETE_COMPLETE",
      );
      resources.push(...(present ?? []).map(({ LogicalResourceId = "" }) => LogicalResourceId));
    }
    const { TemplateBody } = await client.send(
      new GetTemplateCommand({ StackName: name, TemplateStage: "Original" }),
    );
    return { resources, template: settle(JSON.parse(TemplateBody ?? '{"Resources":{}}')) };
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return null;
    throw error;
  } finally {
    client.destroy();
  }
}
