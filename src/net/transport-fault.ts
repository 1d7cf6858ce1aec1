/**
 * Why there is no answer.
 *
 * - `deadline`: the call's own time ran out; `timeout`: the attempt's slice did.
 * - `stale`: a kept-alive connection broke before any header; `reset`: a new one did; `unreachable`: there was none
 *   to begin with.
 * - `unknown-host`, `tls`: it will not get better by itself.
 * - `unreadable`: not HTTP; `too-large`: past a limit of ours, or in an encoding that we did not ask for.
 */
export type TransportFaultKind =
  | "deadline"
  | "timeout"
  | "stale"
  | "reset"
  | "unreachable"
  | "unknown-host"
  | "tls"
  | "unreadable"
  | "too-large";

export class TransportFault extends Error {
  override readonly name = "TransportFault";
  readonly kind: TransportFaultKind;
  /** Node's or OpenSSL's code for it, such as `ECONNREFUSED` or `CERT_HAS_EXPIRED`. */
  readonly reason: string;
  /** The connection stood: the other side may have got the request, and done what it says. */
  mayHaveArrived = false;

  constructor(kind: TransportFaultKind, reason: string, cause?: unknown) {
    super(`${kind}: ${reason}`, { cause });
    this.kind = kind;
    this.reason = reason;
  }
}

/** What Node's error before any header means. */
export function faultOf(error: NodeJS.ErrnoException, onReusedSocket: boolean): TransportFault {
  const reason = error.code ?? "unknown";
  const kind = kindOf(reason);
  return new TransportFault(kind === "reset" && onReusedSocket ? "stale" : kind, reason, error);
}

const RESET_CODES = new Set(["ECONNRESET", "EPIPE", "ECONNABORTED"]);
const CERTIFICATE_CODE =
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|HOSTNAME_MISMATCH$|INVALID_CA$|INVALID_PURPOSE$)/;

function kindOf(reason: string): TransportFaultKind {
  if (RESET_CODES.has(reason)) return "reset";
  if (reason === "ETIMEDOUT") return "timeout";
  if (reason === "ENOTFOUND") return "unknown-host";
  if (CERTIFICATE_CODE.test(reason)) return "tls";
  if (reason === "HPE_HEADER_OVERFLOW") return "too-large";
  if (reason.startsWith("HPE_")) return "unreadable";
  return "unreachable";
}
