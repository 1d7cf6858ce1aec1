import { globSync, readFileSync } from "node:fs";

/** Everything in the repository that is written for people. */
export const PAGES = [...globSync("*.md"), ...globSync("{.github,bench,docs,examples,test}/**/*.md")].sort();

/** A fenced block of a page. */
export interface Block {
  page: string;
  /** Of its first line. */
  line: number;
  /** Empty where the page names none. */
  language: string;
  text: string;
  /** For the names of tests: where it is. */
  name: string;
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(page, "utf8");
  return [...text.matchAll(/^( *)```(\w*)\n(.*?)^\1```$/gms)].map((match) => {
    const [, indent = "", language = "", inner = ""] = match;
    const line = text.slice(0, match.index).split("\n").length;
    const unindented = inner.replace(new RegExp(`^${indent}`, "gm"), "");
    return { page, line, language, text: unindented, name: `${page}, line ${line}` };
  });
}

/** The JSON blocks that a comment before them marks, such as `<!-- secret -->`. */
export function markedBlocks(page: string, mark: string): string[] {
  const pattern = new RegExp(`^<!-- ${mark} -->\\n\`\`\`json\\n(.*?)^\`\`\`$`, "gms");
  return [...readFileSync(page, "utf8").matchAll(pattern)].map(([, text = ""]) => text);
}

/** A command for the sandbox that `npm start` runs: the block after it is its answer. */
export function isCall({ language, text }: Block): boolean {
  return language === "sh" && /^(?:curl .*http:\/\/localhost:3000\/|npm run chat -- )/m.test(text);
}

/** A program in TypeScript: the block after it, if it is text, is what it prints. */
export function isProgram({ language }: Block): boolean {
  return language === "ts";
}
