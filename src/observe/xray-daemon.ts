import { createSocket } from "node:dgram";
import type { SampledTrace } from "./xray.ts";

// Imported, it would be shared with what is loaded at once, by a chunk of its own.
const { randomBytes } = process.getBuiltinModule("node:crypto");

/** What a subsegment tells of a request that went out. Its path may name a desktop, so it has the origin alone. */
export interface Outgoing {
  endpoint: { origin: string; hostname: string };
  method: string;
}

/** Milliseconds since the epoch; no status when no answer came. */
export interface Course {
  startedAt: number;
  endedAt: number;
  status: number | null;
}

export type TellDaemon = (request: Outgoing, trace: SampledTrace, course: Course) => void;

/** Every datagram begins with it. https://docs.aws.amazon.com/xray/latest/devguide/xray-api-sendingdata.html */
const HEADER = '{"format":"json","version":1}\n';

/** @param address `host:port`, or `tcp:host:port udp:host:port`. */
export function connectDaemon(address: string): TellDaemon {
  const [, host, port] = /(?:^|udp:)([\w.-]+):(\d+)$/.exec(address) ?? [];
  if (!port) throw new Error("AWS_XRAY_DAEMON_ADDRESS is no address");
  const socket = createSocket("udp4");
  // Lost datagrams are lost traces, nothing else; and an open socket keeps no process alive.
  socket.on("error", () => undefined);
  socket.unref();
  return (...told) => socket.send(HEADER + subsegmentOf(...told), Number(port), host);
}

/** https://docs.aws.amazon.com/xray/latest/devguide/xray-api-segmentdocuments.html */
export function subsegmentOf(
  { endpoint, method }: Outgoing,
  { traceId, parentId }: SampledTrace,
  { startedAt, endedAt, status }: Course,
): string {
  return JSON.stringify({
    type: "subsegment",
    trace_id: traceId,
    parent_id: parentId,
    id: randomBytes(8).toString("hex"),
    name: endpoint.hostname,
    namespace: "remote",
    start_time: startedAt / 1000,
    end_time: endedAt / 1000,
    fault: status === null || status >= 500,
    error: status !== null && status >= 400 && status < 500,
    throttle: status === 429,
    http: { request: { method, url: endpoint.origin }, ...(status !== null && { response: { status } }) },
  });
}
