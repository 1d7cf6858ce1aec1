import { existsSync, globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const LINK = /\]\((?!https?:|#|mailto:)([^)#\s]+)/g;
const pages = ["README.md", "CHANGELOG.md", ...globSync("{docs,examples,test}/**/*.md")];
const links = pages.flatMap((page) =>
  [...readFileSync(page, "utf8").matchAll(LINK)].map(([, target = ""]) => ({ page, target })),
);

it.each(links)("the link to $target in $page leads somewhere", ({ page, target }) => {
  expect(existsSync(join(dirname(page), target))).toBe(true);
});
