/** Each text once, whatever its case; the first spelling stays, in its place. */
export function uniqueInAnyCase(texts: readonly string[]): string[] {
  const unique = new Map<string, string>();
  for (const text of texts) if (!unique.has(text.toLowerCase())) unique.set(text.toLowerCase(), text);
  return [...unique.values()];
}
