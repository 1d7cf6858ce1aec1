import { formatInZone } from "../../../src/chat/format-time.ts";
import { bullet, type Reader } from "../shown.ts";

/** What the reply API takes; its `content` is JSON in text. */
interface FeishuMessage {
  content?: string;
}

interface FeishuCard {
  header: { title: { content: string } };
  body: { elements: CardElement[] };
}

type CardElement =
  | { tag: "div"; text: { content: string; text_size?: string } }
  | { tag: "markdown"; content: string };

export const readFeishu: Reader = (body, timeZone) => {
  const { content } = JSON.parse(body || "{}") as FeishuMessage;
  if (content === undefined) return null;
  const { header, body: cardBody } = JSON.parse(content) as FeishuCard;
  const { small = [], normal = [] } = Object.groupBy(cardBody.elements, (element) =>
    element.tag === "div" && element.text.text_size === "notation" ? "small" : "normal",
  );
  const linesOf = (elements: readonly CardElement[]) =>
    elements.flatMap((element) =>
      element.tag === "markdown"
        ? element.content.split("\n").map((line) => readMarkdown(line, timeZone))
        : [element.text.content],
    );
  return {
    to: "everybody there",
    groups: [[header.title.content], linesOf(normal), linesOf(small)],
    isAnnouncement: false,
  };
};

const LOCAL_TIME =
  /<local_datetime millisecond='(\d{1,16})' format_type='date_num'><\/local_datetime> <local_datetime millisecond='(\d{1,16})' format_type='time_sec'><\/local_datetime>/g;

/** Marks and tags first: what an entity stands for is never one of them. */
function readMarkdown(line: string, timeZone: string): string {
  return line
    .replaceAll("**", "")
    .replace(LOCAL_TIME, (whole, date: string, time: string) =>
      date === time ? formatInZone(Number(date), timeZone) : whole,
    )
    .replace(/^- (.*)/, (_, item: string) => bullet(item))
    .replaceAll("&sim;", "~")
    .replace(/&#(\d+);/g, (_, point: string) => String.fromCodePoint(Number(point)));
}
