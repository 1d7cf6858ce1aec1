/** Where answers come from: the sandbox, or the real cloud with a secret from AWS or from a file. */
export type Source =
  | { kind: "sandbox" }
  | { kind: "secret-id"; secretId: string; region: string }
  | { kind: "secret-file"; path: string };
