import { parse, YAMLParseError } from "yaml";

/**
 * Reads a stage's file of parameters: one flat YAML mapping from names to values.
 *
 * @returns The pairs as they are written, or why the file cannot be read.
 */
export function parseStageFile(text: string): { given: [string, string][]; fault: null } | { fault: string } {
  let content: unknown;
  try {
    // Text stays as it was typed: 0123 is no number, and neither `on` nor `yes` a truth value.
    content = parse(text, { schema: "failsafe", logLevel: "error" });
  } catch (error) {
    if (error instanceof YAMLParseError) return { fault: `is not YAML: ${error.message.split("\n")[0]}` };
    throw error;
  }
  if (content === null || content === "") return { given: [], fault: null };
  if (typeof content !== "object" || Array.isArray(content))
    return { fault: "must hold parameters as name: value" };
  const nested = Object.keys(content).filter(
    (name) => typeof (content as Record<string, unknown>)[name] !== "string",
  );
  if (nested.length > 0)
    return { fault: `must give each parameter one line of text: see ${nested.join(", ")}` };
  return { given: Object.entries(content as Record<string, string>), fault: null };
}
