import { jsonReply } from "../../http/reply.ts";
import { readInstant } from "../../time/instant.ts";
import type { Card, Row, Section } from "../card.ts";
import { keysSchema, parseSection, sectionSchema } from "../chat-secret.ts";
import { languageOf } from "../language.ts";
import { breakCardFunctions, clip } from "../plain-text.ts";
import { CARD_ROWS, type Platform, type Received, type SignedRequest } from "../platform.ts";
import { type Fields, fieldsOf, readJson, textOf } from "../read-json.ts";
import type { Texts } from "../texts/texts.ts";
import { textsIn } from "../texts.ts";
import { verifyTeams } from "../verify/teams.ts";
import { FIVE_MINUTES_MS, isTimely } from "../verify/verification.ts";

/**
 * Microsoft Teams' Outgoing Webhooks. What is not in the response within 5 s can never be said: there is no later channel.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-outgoing-webhook
 */
export const teams: Platform = {
  name: "teams",
  methods: ["POST"],
  lookupMs: 3500,
  rows: CARD_ROWS,
  prefix: "@unbound",
  hasLocalTimes: true,
  open(section) {
    const { tokens, allow } = parseSection(schema, section, teams.name);
    return {
      allow,
      receive: (request, now) => receive(request, tokens, now),
      reply: ({ card }) => jsonReply(200, messageOf(card)),
      acknowledge: (language) => jsonReply(200, { type: "message", text: textsIn(language).stillLooking }),
    };
  },
  deliver: null,
};

const schema = sectionSchema({ tokens: keysSchema }, ["tenants", "teams", "users"]);

function receive(request: SignedRequest, tokens: readonly string[], now: number): Received {
  const verdict = verifyTeams(request.raw, request.headers, tokens);
  if (verdict !== "ok") return { kind: "refused", reason: verdict };
  const activity = readJson(request.raw.toString("utf8"));
  // The signature carries no time: what was signed once would be good for ever.
  const sentAt = readInstant(textOf(activity["timestamp"]) ?? "");
  if (sentAt === null || !isTimely(sentAt, now, FIVE_MINUTES_MS)) return { kind: "refused", reason: "stale" };
  if ((activity["type"] ?? "message") !== "message") return { kind: "ignored" };
  const channelData = fieldsOf(activity["channelData"]);
  const client = clientInfoOf(activity);
  return {
    kind: "message",
    message: {
      id: textOf(activity["id"]),
      text: (textOf(activity["text"]) ?? "").replace(TAGS, " "),
      sender: {
        tenants: textOf(fieldsOf(channelData["tenant"])["id"]),
        teams: textOf(channelData["teamsTeamId"]),
        users: textOf(fieldsOf(activity["from"])["aadObjectId"]),
      },
      language: languageOf(client["locale"]) ?? languageOf(activity["locale"]),
      // Times are shown in the reader's zone by the card itself.
      timeZone: null,
      returnTo: null,
    },
  };
}

/** The client may send what was typed as HTML; the mentions in it are the command's matter. */
const TAGS = /<\/?(?:p|div|span|br|strong|em|b|i)\b[^<>]*>/gi;

function clientInfoOf({ entities }: Fields): Fields {
  const all = Array.isArray(entities) ? entities.map(fieldsOf) : [];
  return all.find(({ type }) => type === "clientInfo") ?? {};
}

const MAX_FALLBACK = 500;

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
