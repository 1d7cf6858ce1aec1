/** The most that an answer of the upstream may be: 8 MiB, decoded. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Answers that cost the most of all that are read to the end, each as large as there is room for. */
export const WORST_ANSWERS: Readonly<Record<string, () => Buffer>> = {
  "20,000 rows of long names": () => rowsOf((index) => `"user_name":"${"n".repeat(380)}${index}"`),
  "20,000 rows of integers with 309 digits": () =>
    rowsOf(() => '"user_id":1e308,"user_name":1e307,"type":1e306,"detach_time":1e305'),
  "as many texts as are parsed": () => filled((index) => `"${index.toString(36).padStart(26, "t")}"`),
  "as many keys as are parsed": () => filled((index) => `{"${index.toString(36).padStart(55, "k")}":1}`),
};

const MAX_ROWS = 20_000;

function rowsOf(members: (index: number) => string): Buffer {
  const rows = Array.from({ length: MAX_ROWS }, (_, index) => `{"desktop_id":"d",${members(index)}}`);
  return Buffer.from(`{"desktop_detach_infos":[${rows.join(",")}]}`);
}

function filled(part: (index: number) => string): Buffer {
  const parts: string[] = [];
  for (let bytes = 40; ; ) {
    const next = part(parts.length);
    bytes += next.length + 1;
    if (bytes > MAX_BYTES) break;
    parts.push(next);
  }
  return Buffer.from(`{"desktop_detach_infos":[${parts.join(",")}]}`);
}
