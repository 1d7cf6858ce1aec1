import { LookupError } from "../contract/errors.ts";

export type MediaType = "application/json" | "text/csv";

/** In order of preference when the caller has none. */
const OFFERED: readonly MediaType[] = ["application/json", "text/csv"];

/**
 * The best of what we offer by the request's `Accept` (RFC 9110, 12.5.1).
 *
 * @throws LookupError NOT_ACCEPTABLE when it admits none.
 */
export function negotiate(accept: string | undefined, offered = OFFERED): MediaType {
  if (accept === undefined || accept.trim() === "" || accept === "application/json")
    return "application/json";
  const ranges = accept.split(",").map(readRange);
  let best: { type: MediaType; quality: number } | null = null;
  for (const type of offered) {
    const quality = qualityOf(type, ranges);
    if (quality > 0 && (best === null || quality > best.quality)) best = { type, quality };
  }
  if (best === null) throw new LookupError("NOT_ACCEPTABLE");
  return best.type;
}

interface MediaRange {
  range: string;
  quality: number;
}

function readRange(text: string): MediaRange {
  const [range = "", ...parameters] = text.split(";").map((part) => part.trim().toLowerCase());
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { range, quality: quality >= 0 && quality <= 1 ? quality : 0 };
}

// The most specific range that covers the type decides, even when it decides for 0.
function qualityOf(type: MediaType, ranges: readonly MediaRange[]): number {
  const candidates = [type, `${type.split("/")[0]}/*`, "*/*"];
  for (const candidate of candidates) {
    const found = ranges.find(({ range }) => range === candidate);
    if (found) return found.quality;
  }
  return 0;
}
