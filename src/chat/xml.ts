const ROOT = /^\s*<xml>(.*)<\/xml>\s*$/s;
/** An element with text in it, and nothing else: no attributes, no entities, no elements. */
const ELEMENT = /<(\w+)>(?:<!\[CDATA\[(.*?)\]\]>|([^<&]*))<\/\1>/gs;

/**
 * The elements of WeCom's flat XML by their names; `null` for what is not of that form. Each is matched as a whole, so what
 * a user wrote into one of them is never taken for another; of two of a name, the first counts.
 */
export function readFlatXml(text: string): Readonly<Record<string, string>> | null {
  const [, inner] = ROOT.exec(text) ?? [];
  if (inner === undefined) return null;
  const elements: Record<string, string> = Object.create(null);
  for (const [, name = "", data, plain] of inner.matchAll(ELEMENT)) elements[name] ??= data ?? plain ?? "";
  return elements;
}

/** @param elements None of the values may hold `]]>`. */
export function writeFlatXml(elements: Readonly<Record<string, string | number>>): string {
  const inner = Object.entries(elements).map(([name, value]) =>
    typeof value === "number" ? `<${name}>${value}</${name}>` : `<${name}><![CDATA[${value}]]></${name}>`,
  );
  return `<xml>${inner.join("")}</xml>`;
}
