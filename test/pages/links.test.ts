import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";
import { PAGES } from "../support/pages.ts";

const LINK = /(?:\]\(|<img src=")(?!https?:|mailto:)([^)#\s"]*)(?:#([^)\s"]+))?/g;

const links = PAGES.flatMap((page) =>
  [...withoutBlocks(readFileSync(page, "utf8")).matchAll(LINK)].map(([, path = "", anchor = ""]) => {
    const target = path === "" ? page : join(dirname(page), path);
    return { page, target, anchor };
  }),
);

function withoutBlocks(text: string): string {
  return text.replace(/^ *```.*?^ *```$/gms, "");
}

/** As GitHub makes them of the headings of a page. */
function anchorsOf(page: string): string[] {
  const headings = withoutBlocks(readFileSync(page, "utf8")).matchAll(/^#+ (.+)$/gm);
  return [...headings].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

it.for(links)("the link to $target#$anchor in $page leads somewhere", ({ target, anchor }) => {
  expect(existsSync(target)).toBe(true);
  if (anchor !== "" && target.endsWith(".md")) expect(anchorsOf(target)).toContain(anchor);
});
