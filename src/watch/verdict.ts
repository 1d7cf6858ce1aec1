export type Verdict =
  | { kind: "sent" }
  | { kind: "retry"; afterSeconds: number; reason: string }
  | { kind: "broken"; reason: string }
  | { kind: "refused"; reason: string }
  | { kind: "lost"; reason: string };
