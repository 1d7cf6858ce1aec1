import { formatInZone } from "../../../src/chat/format-time.ts";
import { bullet, type Reader } from "../shown.ts";

interface Activity {
  text?: string;
  attachments?: [{ content: { body: CardElement[] } }];
}

type CardElement =
  | { type: "RichTextBlock"; inlines: { text: string }[] }
  | { type: "TextBlock"; text: string }
  | { type: "Table"; rows: { cells: { items: CardElement[] }[] }[] };

export const readTeams: Reader = (body, timeZone) => {
  if (body === "") return null;
  const { attachments, text = "" } = JSON.parse(body) as Activity;
  const [title = [], ...rest] = (attachments?.[0].content.body ?? []).map((each) => linesOf(each, timeZone));
  return {
    to: "everybody there",
    groups: attachments ? [title, rest.slice(0, -1).flat(), rest.at(-1) ?? []] : [[text]],
    isAnnouncement: false,
  };
};

function linesOf(element: CardElement, timeZone: string): string[] {
  if (element.type !== "Table") return [textOf(element, timeZone)];
  return element.rows.map(({ cells }, index) => {
    const line = cells.map(({ items }) => items.map((item) => textOf(item, timeZone)).join(" ")).join("  ");
    return index === 0 ? line : bullet(line);
  });
}

function textOf(element: CardElement, timeZone: string): string {
  if (element.type === "RichTextBlock") {
    return expand(element.inlines.map(({ text }) => text).join(""), timeZone);
  }
  if (element.type === "TextBlock") return expand(element.text, timeZone);
  throw new Error(`${element.type} is none that we send`);
}

const LOCAL_TIME = /\{\{DATE\(([\w:-]{1,40}), SHORT\)\}\} \{\{TIME\(([\w:-]{1,40})\)\}\}/g;

function expand(text: string, timeZone: string): string {
  return text.replace(LOCAL_TIME, (whole, date: string, time: string) =>
    date === time ? formatInZone(Date.parse(date), timeZone) : whole,
  );
}
