/** The parameters that a deployment cannot do without. */
export interface RequiredParameters {
  workspaceSecretArn: string;
  authorization: string;
  jwtIssuer: string;
  jwtAudience: string;
  chatSecretArn: string;
  console: string;
  consoleClientId: string;
  consoleConnectOrigins: string;
  sweep: string;
  sweepBucket: string;
}

/** What serverless.yml has for these parameters, so that packaging needs none of them. */
const TO_BE_GIVEN = "to-be-given";

// With the six characters that Secrets Manager appends: a policy that names the ARN without them allows nothing.
const SECRET_ARN = /^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:\d{12}:secret:[\w/+=.@-]+-[A-Za-z0-9]{6}$/;

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

const CLIENT_ID = /^[\x21-\x7e]{1,255}$/;
const ORIGIN = /^https:\/\/[a-z0-9.-]+(?::\d{1,5})?$/;

function listed(value: string): string[] {
  return value
    .split(",")
    .map((each) => each.trim())
    .filter((each) => each !== "");
}

/** Everything that could be deployed but would not work, in words for whoever typed the command. */
export function missingFrom(parameters: RequiredParameters): string[] {
  const isGiven = (value: string, form: RegExp) => form.test(value) && !value.includes(TO_BE_GIVEN);
  const missing: string[] = [];
  if (!isGiven(parameters.workspaceSecretArn, SECRET_ARN)) {
    missing.push(
      "--param=workspaceSecretArn=<the whole ARN of the Workspace secret, its last six characters too>",
    );
  }
  if (parameters.authorization === "jwt") {
    if (!isGiven(parameters.jwtIssuer, /^https:\/\//)) {
      missing.push("--param=jwtIssuer=<the https URL of the tokens' issuer>");
    }
    if (!isGiven(parameters.jwtAudience, /./)) {
      missing.push("--param=jwtAudience=<the audience that the tokens are for>");
    }
  }
  if (parameters.chatSecretArn !== "" && !isGiven(parameters.chatSecretArn, SECRET_ARN)) {
    missing.push("--param=chatSecretArn=<the whole ARN of the chat secret, its last six characters too>");
  }
  if (parameters.console === "on") {
    if (parameters.authorization !== "jwt") {
      missing.push("--param=authorization=jwt (the console signs people in, and has no AWS credentials)");
    }
    if (!isGiven(parameters.consoleClientId, CLIENT_ID)) {
      missing.push("--param=consoleClientId=<the console's client ID at the issuer>");
    }
    if (!listed(parameters.consoleConnectOrigins).every((origin) => ORIGIN.test(origin))) {
      missing.push(
        "--param=consoleConnectOrigins=<origins such as https://login.example.com, with commas between>",
      );
    }
  }
  if (parameters.sweep === "on" && !isGiven(parameters.sweepBucket, BUCKET)) {
    missing.push("--param=sweepBucket=<the name of an S3 bucket of yours in the same region>");
  }
  return missing;
}

/** What we use of the framework. */
interface Serverless {
  processedInput: { commands: readonly string[] };
  service: { custom: { required: RequiredParameters } };
  classes: { Error: new (message: string, code: string) => Error };
}

/** A plugin of the framework: stops `deploy` before anything is packaged or sent, and no other command. */
export default class Required {
  readonly hooks: Readonly<Record<string, () => void>>;

  constructor(serverless: Serverless) {
    this.hooks = {
      initialize: () => {
        if (serverless.processedInput.commands.join(" ") !== "deploy") return;
        const missing = missingFrom(serverless.service.custom.required);
        if (missing.length === 0) return;
        throw new serverless.classes.Error(
          `A deployment also needs:\n  ${missing.join("\n  ")}\nSee "Deploy" in README.md.`,
          "PARAMETERS_MISSING",
        );
      },
    };
  }
}
