const [BEGIN, END] = ["<xml>", "</xml>"] as const;
const TAG = /<(\w+)>/g;
const DATA = "<![CDATA[";

/**
 * The elements of WeCom's flat XML by their names; `null` for what is not of that form. An element has text in it and
 * nothing else: no attributes, no entities, no elements. Each is matched as a whole, so what a user wrote into one of them is
 * never taken for another; of two of a name, the first counts.
 */
export function readFlatXml(text: string): Readonly<Record<string, string>> | null {
  const trimmed = text.trim();
  if (!trimmed.startsWith(BEGIN) || !trimmed.endsWith(END)) return null;
  if (trimmed.length < BEGIN.length + END.length) return null;
  const inner = trimmed.slice(BEGIN.length, -END.length);
  const elements: Record<string, string> = Object.create(null);
  /** Names whose end was not found: it is not looked for again. */
  const open = new Set<string>();
  let from = 0;
  for (const { index, 0: tag, 1: name = "" } of inner.matchAll(TAG)) {
    if (index < from || open.has(name)) continue;
    const start = index + tag.length;
    const isData = inner.startsWith(DATA, start);
    const close = isData ? `]]></${name}>` : `</${name}>`;
    const end = isData ? inner.indexOf(close, start + DATA.length) : inner.indexOf("<", start);
    if (end === -1) open.add(name);
    const value = end === -1 ? null : inner.slice(isData ? start + DATA.length : start, end);
    if (value === null || !inner.startsWith(close, end) || (!isData && value.includes("&"))) continue;
    elements[name] ??= value;
    from = end + close.length;
  }
  return elements;
}

/** @param elements None of the values may hold `]]>`. */
export function writeFlatXml(elements: Readonly<Record<string, string | number>>): string {
  const inner = Object.entries(elements).map(([name, value]) =>
    typeof value === "number" ? `<${name}>${value}</${name}>` : `<${name}><![CDATA[${value}]]></${name}>`,
  );
  return `<xml>${inner.join("")}</xml>`;
}
