import { readFileSync, statSync } from "node:fs";
import type { CloudFormationClientConfig } from "@aws-sdk/client-cloudformation";
import { audit } from "./audit.ts";
import { docsAuthorizer } from "./authorization.ts";
import { bucketFault } from "./bucket.ts";
import { itemsOf, tagsOf } from "./checks.ts";
import { concurrencyOf, FUNCTIONS, roles } from "./functions.ts";
import { environmentFaults, stageFault } from "./limits.ts";
import { applyOptions } from "./options.ts";
import { readParameters, type StageParameters } from "./parameters.ts";
import { lossesOf } from "./removal.ts";
import { settle } from "./settle.ts";
import type { Template } from "./template.ts";
import { conflictsOf, missingFrom, strayFrom, strayIn, TO_BE_GIVEN } from "./together.ts";

/** What we use of the framework. */
export interface Serverless {
  processedInput: {
    commands: readonly string[];
    options: { param?: (string | null)[] | undefined; region?: string };
    isHelpRequest: boolean;
  };
  configurationInput: {
    service: string;
    provider: { stage: string; region: string };
    params: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  };
  extendConfiguration: (path: string[], value: unknown) => void;
  service: { provider: { compiledCloudFormationTemplate: Template } };
  getProvider: (name: "aws") => {
    getRegion: () => string;
    getAwsSdkV3Config: () => Promise<CloudFormationClientConfig>;
    naming: { getStackName: () => string };
  };
  pluginManager: { plugins: readonly object[] };
  classes: { Error: new (message: string, code: string) => Error };
}

/** Commands that send something to AWS. */
const DEPLOYMENTS = new Set(["deploy", "deploy function"]);

/**
 * A plugin of the framework, and so part of every command, `npx serverless deploy` as well: reads and checks the
 * parameters before the framework does, applies those that concern all resources, and looks before a deployment at what
 * AWS would refuse or delete.
 */
export default class Deployment {
  readonly hooks: Readonly<Record<string, () => void | Promise<void>>>;
  readonly configurationVariablesSources: object;
  readonly #serverless: Serverless;
  readonly #parameters: StageParameters;

  constructor(serverless: Serverless) {
    this.#serverless = serverless;
    this.#parameters = this.#read(process.env, process.argv);
    this.configurationVariablesSources = {
      stackTags: { resolve: () => ({ value: Object.fromEntries(tagsOf(this.#parameters["tags"] ?? "")) }) },
      audiences: { resolve: () => ({ value: itemsOf(this.#parameters["jwtAudience"] ?? "") }) },
      docsAuthorizer: { resolve: () => ({ value: docsAuthorizer(this.#parameters) }) },
      functions: { resolve: () => ({ value: { Resources: { ...roles(), ...audit() } } }) },
      concurrency: {
        resolve: ({ address }: { address: string }) => ({ value: concurrencyOf(address, this.#parameters) }),
      },
    };
    this.hooks = {
      "after:aws:package:finalize:mergeCustomProviderResources": () => {
        const template = this.#template();
        applyOptions(template, this.#parameters);
        this.#refuse("AWS would refuse this deployment", environmentFaults(settle(template)));
      },
      // After packaging, or after a package was read that was made earlier; nothing is sent yet.
      "before:deploy:deploy": () => this.#look(),
    };
  }

  #template(): Template {
    return this.#serverless.service.provider.compiledCloudFormationTemplate;
  }

  /** All that can be known without AWS, all at once. */
  #read(env: NodeJS.ProcessEnv, argv: readonly string[]): StageParameters {
    const { processedInput, configurationInput } = this.#serverless;
    const { stage, region } = configurationInput.provider;
    const { default: defaults = {}, ...others } = configurationInput.params;
    const { parameters, faults } = readParameters({
      defaults,
      typed: (processedInput.options.param ?? []).map((text) => asTyped(text ?? "", argv)),
      stage,
      readText,
    });
    const isDeployment = DEPLOYMENTS.has(processedInput.commands.join(" "));
    const isRegionChosen = processedInput.options.region ?? env["AWS_REGION"] ?? env["AWS_DEFAULT_REGION"];
    faults.push(...takenByNpm(env), ...conflictsOf(parameters));
    faults.push(
      ...Object.keys(others).map(
        (name) => `serverless.yml has params.${name}: use deploy/stages/${name}.yml`,
      ),
    );
    if (isDeployment || isRegionChosen !== undefined) faults.push(...strayFrom(region, parameters));
    faults.push(
      ...stageFault(
        configurationInput.service,
        stage,
        FUNCTIONS.map(({ name }) => name),
      ),
    );
    if (isDeployment && stage === "example")
      faults.push("--stage=example is the example: copy its file and edit it");
    if (!processedInput.isHelpRequest) {
      this.#refuse("These parameters cannot be used", faults);
      if (isDeployment) this.#refuse("A deployment also needs", missingFrom(parameters));
    }
    hideTyped(processedInput);
    const values = Object.entries(parameters).map(([name, value]) => [
      name,
      typeof defaults[name] === "number" || name === "auditLogRetentionDays" ? numberIf(value) : value,
    ]);
    this.#serverless.extendConfiguration(["params", "default"], Object.fromEntries(values));
    return parameters;
  }

  /** What only AWS can tell, and what it would not tell before it is too late. */
  async #look(): Promise<void> {
    const aws = this.#serverless.getProvider("aws");
    const template = settle(this.#template());
    const faults = strayIn(template, aws.getRegion());
    if (JSON.stringify(template).includes(TO_BE_GIVEN))
      faults.push("the package was made without its parameters");
    const bucket: unknown = template.Resources["Sweep"]?.Properties?.["DefinitionSubstitutions"]?.Bucket;
    if (bucket !== undefined) {
      faults.push(...(await bucketFault(String(bucket), this.#serverless.pluginManager.plugins)));
    }
    if (this.#parameters["confirmRemoval"] !== "yes") {
      // The SDK takes a moment to load, which other commands have no use for.
      const { readStack } = await import("./stack.ts");
      const stack = await readStack(aws.naming.getStackName(), await aws.getAwsSdkV3Config());
      const losses = stack ? lossesOf(stack, template) : [];
      faults.push(
        ...losses.map((loss) => `it would delete ${loss}: say --param=confirmRemoval=yes if it shall`),
      );
    }
    this.#refuse("Nothing was deployed", faults);
  }

  #refuse(what: string, faults: readonly string[]): void {
    if (faults.length === 0) return;
    const lines = faults.map((fault) => `\n  ${fault}`).join("");
    throw new this.#serverless.classes.Error(
      `${what}:${lines}\nSee docs/parameters.md.`,
      "PARAMETERS_REFUSED",
    );
  }
}

/**
 * Leaves one source of parameters: what was checked. The framework reads the command line once more after this, and would
 * take the values from it by rules of its own.
 */
function hideTyped(input: Serverless["processedInput"]): void {
  let { options } = input;
  Object.defineProperty(input, "options", {
    get: () => ({ ...options, param: undefined }),
    set(next: typeof options) {
      options = next;
    },
  });
}

/** The framework cuts what follows `--param=` at the end of its first line. */
function asTyped(text: string, argv: readonly string[]): string {
  const option = "--param=";
  const whole = argv.find((argument) => argument.startsWith(`${option}${text}`) && /[\r\n]/.test(argument));
  return whole?.slice(option.length) ?? text;
}

/** A number, where CloudFormation wants one: not for `off`, and not for nothing. */
function numberIf(value: string): string | number {
  return /^\d+$/.test(value) ? Number(value) : value;
}

function readText(path: string): string | null {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ? readFileSync(path, "utf8") : null;
}

/** Options before `--` go to npm, which keeps them: the deployment would run without them. */
function takenByNpm(env: NodeJS.ProcessEnv): string[] {
  return ["param", "stage", "region"]
    .filter((name) => env[`npm_config_${name}`] !== undefined)
    .map((name) => `--${name} stands before -- and went to npm: write npm run deploy -- --${name}=…`);
}
