/** Made-up secrets, each to be found in one place alone, or in none. */
export const CANARY = {
  accessKey: "HPUACANARYACCESSKEY1",
  secretKey: "CanarySecretKeyThatMustNeverBeSeen000001",
  newAccessKey: "HPUACANARYACCESSKEY2",
  newSecretKey: "CanarySecretKeyThatMustNeverBeSeen000002",
  securityToken: "CanarySecurityTokenThatMustNeverBeSeen",
  awsSecretKey: "CanaryAwsSecretKeyThatMustNeverBeSeen001",
  awsSessionToken: "CanaryAwsSessionTokenThatMustNeverBeSeen",
  callerAuthorization: "CanaryCallerAuthorization",
  callerCookie: "CanaryCallerCookie",
  userName: "canary-user-name",
  encodedMessage: "CanaryEncodedAuthorizationMessage",
  // With blanks, as words have: what has the shape of a code may leave as one.
  upstreamText: "Canary in words of the upstream",
} as const;

type Canary = keyof typeof CANARY;

/** For the operators: what the log may hold. */
const IN_THE_LOG: readonly Canary[] = ["encodedMessage", "upstreamText"];
/** What was asked for. */
const IN_AN_ANSWER: readonly Canary[] = ["userName"];

/** A signature of ours, under whatever name it goes. */
const SIGNATURE = /Signature=[0-9a-f]{8,}/;

/** Every canary that sings where it must not, by its name and with what it was found in. */
export function leaksIn(lines: readonly string[], answers: readonly string[]): string[] {
  const names = Object.keys(CANARY) as Canary[];
  const find = (where: string, texts: readonly string[], allowed: readonly Canary[]) =>
    texts.flatMap((text) => [
      ...names
        .filter((name) => !allowed.includes(name) && text.includes(CANARY[name]))
        .map((name) => `${name} in ${where}: ${text}`),
      ...(SIGNATURE.test(text) ? [`a signature in ${where}: ${text}`] : []),
    ]);
  return [...find("the log", lines, IN_THE_LOG), ...find("an answer", answers, IN_AN_ANSWER)];
}
