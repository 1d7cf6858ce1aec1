import { clip } from "../../contract/plain-text.ts";
import type { Card, Row, Section } from "../card.ts";
import { fitCard } from "../fit-card.ts";
import type { Texts } from "../texts/texts.ts";
import { textsIn } from "../texts.ts";

const MAX_FALLBACK = 500;
/** Of the response: beyond some 28 kB, counted in a way of its own, Teams drops a card without a word. */
const MAX_BYTES = 25_000;

/** The card as Teams takes it, cut to its limit. */
export function teamsMessage(card: Card): object {
  return fitCard(card, messageOf, (message) => Buffer.byteLength(JSON.stringify(message)) <= MAX_BYTES);
}

/** @see https://adaptivecards.io/explorer/ (version 1.5) */
function messageOf(card: Card): object {
  const { title, sections, notes, summary, language } = card;
  const texts = textsIn(language);
  return {
    type: "message",
    summary: clip(summary, MAX_FALLBACK),
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          type: "AdaptiveCard",
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          version: "1.5",
          fallbackText: clip(summary, MAX_FALLBACK),
          msteams: { width: "Full" },
          body: [
            richText([{ text: title, weight: "Bolder", size: "Medium" }]),
            ...sections.flatMap((section) => sectionElements(section, texts)),
            richText([{ text: notes.join(" "), isSubtle: true, size: "Small" }]),
          ],
        },
      },
    ],
  };
}

interface Run {
  text: string;
  weight?: "Bolder";
  size?: "Medium" | "Small";
  isSubtle?: boolean;
  fontType?: "Monospace";
}

/** A `TextRun` parses no markdown, unlike a `TextBlock`: all words go there. */
function richText(runs: readonly Run[]): object {
  return {
    type: "RichTextBlock",
    inlines: runs.map((run) => ({ type: "TextRun", ...run, text: breakCardFunctions(run.text) })),
  };
}

function sectionElements({ name, id, lines, rows, lead, commands }: Section, texts: Texts): object[] {
  const heading: Run[] = [];
  if (name !== null) heading.push({ text: name, weight: "Bolder" });
  if (id !== null && id !== name) heading.push({ text: `  ${id}`, isSubtle: true });
  return [
    ...(heading.length > 0 ? [richText(heading)] : []),
    ...lines.map((text) => richText([{ text }])),
    ...(rows.length > 0 ? [tableOf(rows, texts)] : []),
    ...(lead === null ? [] : [richText([{ text: lead }])]),
    ...commands.map((command) => richText([{ text: command, fontType: "Monospace" }])),
  ];
}

function tableOf(rows: readonly Row[], { columns }: Texts): object {
  const cell = (element: object) => ({ type: "TableCell", items: [element] });
  const row = (...cells: object[]) => ({ type: "TableRow", cells: cells.map(cell) });
  const heading = (text: string) => richText([{ text, weight: "Bolder" }]);
  return {
    type: "Table",
    firstRowAsHeader: true,
    showGridLines: false,
    columns: [{ width: 1 }, { width: 1 }],
    rows: [
      row(heading(columns.user), heading(columns.time)),
      ...rows.map(({ user, about, at, time }) =>
        row(
          richText([{ text: user }, ...(about === "" ? [] : [{ text: ` (${about})`, isSubtle: true }])]),
          at === null ? richText([{ text: time }]) : localTime(at),
        ),
      ),
    ],
  };
}

/** The reader's client puts it into its own zone; the functions want seconds and no fraction of them. */
function localTime(at: number): object {
  const instant = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return { type: "TextBlock", wrap: true, text: `{{DATE(${instant}, SHORT)}} {{TIME(${instant})}}` };
}

/** For a `TextRun`, which parses nothing but `{{DATE(…)}}`. */
export function breakCardFunctions(text: string): string {
  return text.replace(/\{(?=\{)/g, "{\u200b");
}
