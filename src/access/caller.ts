/** Who asks, as the gateway or Lambda has established it. Never a token, nor anything that a caller says of itself. */
export type Caller =
  | { kind: "iam"; arn: string }
  | { kind: "jwt"; claims: Readonly<Record<string, unknown>> }
  /** Whoever may invoke the function. */
  | { kind: "invoke" }
  /** Whom a chat platform's signature vouches for: its own IDs of the sender. */
  | { kind: "chat"; platform: string; sender: string }
  /** Let through by a gateway that does not say whom. */
  | { kind: "unnamed" };

/** The caller in one text, for the audit line. */
export function nameOf(caller: Caller): string {
  if (caller.kind === "iam") return caller.arn;
  if (caller.kind === "chat") return `${caller.platform}:${caller.sender}`;
  if (caller.kind !== "jwt") return caller.kind;
  const { sub, client_id } = caller.claims;
  const name = [sub, client_id].find((claim) => typeof claim === "string" && claim !== "");
  return typeof name === "string" ? name : "jwt";
}
