import { gunzipSync } from "node:zlib";

/** A line of a log. */
export interface LogLine {
  /** Milliseconds since the epoch. */
  timestamp: number;
  message: string;
}

/** Lines of one log stream, as a subscription of CloudWatch Logs hands them over. */
export interface LogBatch {
  logGroup: string;
  logStream: string;
  lines: readonly LogLine[];
}

/** Writes lines, in order of time, into a stream. */
export type WriteLines = (stream: string, lines: readonly LogLine[]) => Promise<void>;

/** What a subscription hands over at once is far smaller; what would unpack to more is not CloudWatch's. */
const MAX_UNPACKED_BYTES = 32 * 1024 * 1024;

/**
 * Unpacks the event of a subscription.
 *
 * @returns Its lines, or `null` for a message of CloudWatch's own, which looks whether anybody is there.
 * @throws Error for anything else.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
 */
export function readLogBatch(event: unknown): LogBatch | null {
  const data = (event as { awslogs?: { data?: unknown } } | null)?.awslogs?.data;
  if (typeof data !== "string") throw new Error("the event is none of a log subscription");
  const unpacked = gunzipSync(Buffer.from(data, "base64"), { maxOutputLength: MAX_UNPACKED_BYTES });
  const { messageType, logGroup, logStream, logEvents } = JSON.parse(unpacked.toString());
  if (messageType === "CONTROL_MESSAGE") return null;
  if (messageType !== "DATA_MESSAGE" || !Array.isArray(logEvents)) {
    throw new Error("the event holds no log lines");
  }
  const lines = logEvents.map(({ timestamp, message }: LogLine) => ({ timestamp, message }));
  return { logGroup, logStream, lines };
}

// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutLogEvents.html
const MAX_LINES = 10_000;
const MAX_BYTES = 1_048_576;
const BYTES_BESIDE_MESSAGE = 26;
const MAX_SPAN_MS = 24 * 60 * 60 * 1000;

/** The lines in order of time, in as many portions as CloudWatch Logs takes one by one. */
export function portionsOf(lines: readonly LogLine[]): LogLine[][] {
  const portions: LogLine[][] = [];
  let bytes = 0;
  for (const line of lines.toSorted((one, other) => one.timestamp - other.timestamp)) {
    const size = Buffer.byteLength(line.message) + BYTES_BESIDE_MESSAGE;
    const portion = portions.at(-1);
    const first = portion?.[0];
    const fits =
      portion !== undefined &&
      first !== undefined &&
      portion.length < MAX_LINES &&
      bytes + size <= MAX_BYTES &&
      line.timestamp - first.timestamp < MAX_SPAN_MS;
    if (fits) portion.push(line);
    else portions.push([line]);
    bytes = fits ? bytes + size : size;
  }
  return portions;
}
