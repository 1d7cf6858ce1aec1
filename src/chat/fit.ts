/** Says that something was left out. */
const CUT = "…";

/**
 * As many of the lines as fit, and the mark of a cut if some do not: for platforms that refuse what is too long.
 *
 * @param maxBytes In UTF-8, line ends included.
 */
export function fit(lines: readonly string[], maxBytes: number): string[] {
  const taken: string[] = [];
  let bytes = 0;
  for (const line of lines) {
    const next = Buffer.byteLength(line) + 1;
    if (bytes + next > maxBytes - Buffer.byteLength(CUT)) return [...taken, CUT];
    taken.push(line);
    bytes += next;
  }
  return taken;
}
