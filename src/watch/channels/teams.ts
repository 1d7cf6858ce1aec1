import { teams } from "../../chat/platforms/teams.ts";
import { breakCardFunctions } from "../../chat/platforms/teams-message.ts";
import { clip } from "../../contract/plain-text.ts";
import { type Digest, type DigestRow, fitted, plainLines } from "../digest.ts";
import { type ChannelSettings, type ChannelTools, chatSend, type Push, type Send } from "./chat-channel.ts";

/** Teams counts 28,672 bytes its own way: a body of 24,453 was too large. Over that, nobody hears of it. */
const LIMITS = { most: 50, maxBytes: 18_000 };
const MAX_FALLBACK = 300;

/**
 * A flow of Teams Workflows: it accepts first, and posts later.
 *
 * @see https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
 */
export function teamsSend(settings: ChannelSettings, tools: ChannelTools): Send {
  const push: Push = (digest, isPlain) => ({
    url: settings.url,
    json: fitted(
      digest,
      (rows, left) => card(digest, isPlain ? plainBody(digest, rows, left) : body(digest, rows, left)),
      LIMITS,
    ),
  });
  return chatSend(settings, tools, push, teams.judge);
}

/** Version 1.4, without tables: whether a flow takes more is not documented. Never MessageCard, never `msteams.entities`. */
function card({ summary }: Digest, elements: readonly object[]): string {
  return JSON.stringify({
    type: "message",
    attachments: [
      {
        contentType: "application/vnd.microsoft.card.adaptive",
        contentUrl: null,
        content: {
          $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
          type: "AdaptiveCard",
          version: "1.4",
          fallbackText: clip(summary, MAX_FALLBACK),
          msteams: { width: "full" },
          body: elements,
        },
      },
    ],
  });
}

interface Run {
  text: string;
  weight?: "Bolder";
  size?: "Medium";
  isSubtle?: boolean;
}

/** A `TextRun` parses no markdown, unlike a `TextBlock`: all words go there. */
function richText(...runs: readonly Run[]): object {
  const inlines = runs.map((run) => ({ type: "TextRun", ...run, text: breakCardFunctions(run.text) }));
  return { type: "RichTextBlock", inlines };
}

function body({ title, lines, more }: Digest, rows: readonly DigestRow[], left: number): object[] {
  return [
    richText({ text: title, weight: "Bolder", size: "Medium" }),
    ...lines.map((text) => richText({ text })),
    ...rows.flatMap(({ user, about, desktop, at, time }) => [
      richText(
        { text: user, weight: "Bolder" },
        { text: `${about === "" ? "" : ` (${about})`} — ${desktop}${at === null ? ` — ${time}` : ""}` },
      ),
      ...(at === null ? [] : [localTime(at)]),
    ]),
    ...(left > 0 ? [richText({ text: more(left), isSubtle: true })] : []),
  ];
}

/** The reader's client puts it into its own zone; the functions want seconds and no fraction of them. */
function localTime(at: number): object {
  const instant = `${new Date(at).toISOString().slice(0, 19)}Z`;
  return {
    type: "TextBlock",
    isSubtle: true,
    spacing: "None",
    text: `{{DATE(${instant}, SHORT)}} {{TIME(${instant})}}`,
  };
}

function plainBody(digest: Digest, rows: readonly DigestRow[], left: number): object[] {
  return plainLines(digest, rows, left).map((text) => richText({ text }));
}
