import { bullet, type Reader } from "../shown.ts";

type DingtalkMessage =
  | { msgtype: "text"; text: { content: string } }
  | { msgtype: "markdown"; markdown: { text: string } };

export const readDingtalk: Reader = (body) => {
  if (body === "") return null;
  const message = JSON.parse(body) as DingtalkMessage;
  const isAnnouncement = message.msgtype === "text";
  const [title = [], ...rest] =
    message.msgtype === "text"
      ? [[message.text.content]]
      : message.markdown.text.split("\n\n").map((paragraph) => paragraph.split("\n").map(readMarkdown));
  return {
    to: "everybody there",
    groups: [title, rest.slice(0, -1).flat(), rest.at(-1) ?? []],
    isAnnouncement,
  };
};

const ENTITIES: Readonly<Record<string, string>> = {
  "&amp;": "&",
  "&lt;": "<",
  "&gt;": ">",
  "&#46;": ".",
  "&#47;": "/",
};

/** A mark loses its sign; what is escaped is none. */
function readMarkdown(line: string): string {
  return line
    .replace(/^(?:#### |> )/, "")
    .replace(/^- (.*)/, (_, item: string) => bullet(item))
    .replace(
      /\\(.)|\*\*|&(?:amp|lt|gt|#4[67]);/g,
      (mark, escaped?: string) => escaped ?? ENTITIES[mark] ?? "",
    );
}
