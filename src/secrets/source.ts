import type { Config } from "../config/config.ts";
import type { Environment } from "../config/environment.ts";
import { createExtensionSecrets } from "./extension.ts";
import type { FetchSecret } from "./fetch-secret.ts";
import { createSdkSecrets } from "./sdk.ts";

/** The store as the operator configured it. */
export function createSecrets(source: Config["secretsSource"], env: Environment): FetchSecret {
  return source === "extension" ? createExtensionSecrets(env) : createSdkSecrets(env);
}
