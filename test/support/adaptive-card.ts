import { createRequire } from "node:module";
import * as z from "zod";

/** What is used of Microsoft's own parser; its types need a browser's. */
interface AdaptiveCards {
  AdaptiveCard: new () => {
    parse(json: unknown, context: Context): void;
    validateProperties(): { validationEvents: { message: string }[] };
  };
  SerializationContext: new (version: unknown) => Context;
  Versions: { v1_5: unknown };
}
interface Context {
  eventCount: number;
  getEventAt(index: number): { message: string };
}

// Its ESM build does not load outside a bundler.
const { AdaptiveCard, SerializationContext, Versions }: AdaptiveCards = createRequire(import.meta.url)(
  "adaptivecards/dist/adaptivecards.js",
);

// What we use of version 1.5: https://adaptivecards.io/schemas/adaptive-card.json. The parser overlooks unknown properties.
const textRun = z.strictObject({
  type: z.literal("TextRun"),
  text: z.string(),
  weight: z.enum(["Lighter", "Default", "Bolder"]).optional(),
  size: z.enum(["Small", "Default", "Medium", "Large", "ExtraLarge"]).optional(),
  isSubtle: z.boolean().optional(),
  fontType: z.enum(["Default", "Monospace"]).optional(),
});
const richTextBlock = z.strictObject({ type: z.literal("RichTextBlock"), inlines: z.array(textRun).min(1) });
/** Its text is markdown and functions: only a time may stand there. */
const localTime = z.strictObject({
  type: z.literal("TextBlock"),
  wrap: z.literal(true),
  text: z.string().regex(/^\{\{DATE\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ), SHORT\)\}\} \{\{TIME\(\1\)\}\}$/),
});
const cell = z.strictObject({
  type: z.literal("TableCell"),
  items: z.array(z.union([richTextBlock, localTime])),
});
const table = z.strictObject({
  type: z.literal("Table"),
  firstRowAsHeader: z.boolean(),
  showGridLines: z.boolean(),
  columns: z.array(z.strictObject({ width: z.number() })).length(2),
  rows: z.array(z.strictObject({ type: z.literal("TableRow"), cells: z.array(cell).length(2) })),
});
const card = z.strictObject({
  type: z.literal("AdaptiveCard"),
  $schema: z.literal("http://adaptivecards.io/schemas/adaptive-card.json"),
  version: z.literal("1.5"),
  fallbackText: z.string().min(1),
  msteams: z.strictObject({ width: z.literal("Full") }),
  body: z.array(z.union([richTextBlock, table])).min(1),
});

/** What is wrong with a card, by the schema and by Microsoft's parser. */
export function faultsInCard(json: unknown): string[] {
  const parsed = card.safeParse(json);
  const context = new SerializationContext(Versions.v1_5);
  const adaptive = new AdaptiveCard();
  adaptive.parse(json, context);
  const events = Array.from({ length: context.eventCount }, (_, at) => context.getEventAt(at).message);
  const invalid = adaptive.validateProperties().validationEvents.map(({ message }) => message);
  return [...(parsed.error?.issues ?? []).map((issue) => JSON.stringify(issue)), ...events, ...invalid];
}
