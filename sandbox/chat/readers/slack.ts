import type { KnownBlock, RichTextBlock, RichTextSection } from "@slack/types";
import { formatInZone } from "../../../src/chat/format-time.ts";
import { bullet, type Reader } from "../shown.ts";

interface SlackMessage {
  response_type: "ephemeral" | "in_channel";
  text: string;
  blocks?: KnownBlock[];
}

export const readSlack: Reader = (body, timeZone) => {
  if (body === "") return null;
  const { response_type: type, text, blocks } = JSON.parse(body) as SlackMessage;
  return {
    to: type === "in_channel" ? "everybody there" : "you alone",
    groups: blocks ? blocks.map((block) => linesOf(block, timeZone)) : [[unescaped(text)]],
    isAnnouncement: !blocks,
  };
};

function linesOf(block: KnownBlock, timeZone: string): string[] {
  if (block.type === "header") return [block.text.text];
  if (block.type === "context") {
    return block.elements.flatMap((element) => ("text" in element ? [element.text] : []));
  }
  if (block.type === "rich_text") return block.elements.flatMap((element) => richLines(element, timeZone));
  throw new Error(`a block of type ${block.type} is none that we send`);
}

function richLines(element: RichTextBlock["elements"][number], timeZone: string): string[] {
  if (element.type === "rich_text_section") return sectionText(element, timeZone).split("\n");
  if (element.type !== "rich_text_list") throw new Error(`${element.type} is none that we send`);
  return element.elements.map((item) => bullet(sectionText(item, timeZone)));
}

function sectionText({ elements }: RichTextSection, timeZone: string): string {
  return elements
    .map((element) => {
      if (element.type === "date") return formatInZone(element.timestamp * 1000, timeZone);
      // Anything else would act: a mention, a link, an emoji.
      if (element.type !== "text") throw new Error(`${element.type} is none that we send`);
      return element.text;
    })
    .join("");
}

const unescaped = (text: string) =>
  text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");
