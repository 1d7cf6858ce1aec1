import { clip } from "../contract/plain-text.ts";
import type { Card, Section } from "./card.ts";

/** Says that something was left out. */
const CUT = "…";
/** In code points, of what is left at the very end: it fits on every platform, whatever it becomes by escaping. */
const MAX_BARE_TITLE = 60;
const MAX_BARE_NOTE = 160;

/**
 * A card as a platform takes it: the whole of it, or as much as fits. Rows go first, the oldest of each desktop; then lines
 * and commands; then desktops. The title and the last note, which has the request ID, are always there.
 *
 * @param draw The platform's form of a card.
 * @param fits Measures that form, as it would be sent.
 */
export function fitCard<T>(card: Card, draw: (card: Card) => T, fits: (drawn: T) => boolean): T {
  const whole = draw(card);
  if (fits(whole)) return whole;
  let left = card;
  for (const { countOf, keep } of STEPS) {
    const step = left;
    const count = most(countOf(step), (kept) => fits(draw(keep(step, kept))));
    if (count !== null) return draw(keep(step, count));
    left = keep(step, 0);
  }
  return draw(bare(card));
}

interface Step {
  /** How many there are, of what this step leaves out. */
  countOf: (card: Card) => number;
  keep: (card: Card, count: number) => Card;
}

const STEPS: readonly Step[] = [
  { countOf: ({ sections }) => longest(sections, ({ rows }) => rows.length), keep: keepRows },
  {
    countOf: ({ sections }) =>
      longest(sections, ({ lines, commands }) => Math.max(lines.length, commands.length)),
    keep: keepWords,
  },
  { countOf: ({ sections }) => sections.length, keep: keepSections },
];

function longest(sections: readonly Section[], lengthOf: (section: Section) => number): number {
  return sections.reduce((most, section) => Math.max(most, lengthOf(section)), 0);
}

/** The largest number below `count` that fits; `null` when not even 0 does. */
function most(count: number, fits: (kept: number) => boolean): number | null {
  if (count === 0 || !fits(0)) return null;
  let [low, high] = [0, count - 1];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (fits(middle)) low = middle;
    else high = middle - 1;
  }
  return low;
}

function keepRows(card: Card, count: number): Card {
  const sections = card.sections.map((section) =>
    section.rows.length > count
      ? { ...section, rows: section.rows.slice(0, count), lead: afterCut(section.lead) }
      : section,
  );
  return { ...card, sections };
}

function keepWords(card: Card, count: number): Card {
  const sections = card.sections.map(({ lines, commands, lead, ...section }) => ({
    ...section,
    lines: lines.length > count ? [...lines.slice(0, count), CUT] : lines,
    commands: commands.slice(0, count),
    // Nothing is led to any more.
    lead: count === 0 ? null : lead,
  }));
  return { ...card, sections };
}

function keepSections(card: Card, count: number): Card {
  const rest: Section = { name: null, id: null, lines: [CUT], rows: [], lead: null, commands: [] };
  return { ...card, sections: [...card.sections.slice(0, count), rest] };
}

function bare({ title, summary, notes, ...card }: Card): Card {
  return {
    ...card,
    title: clip(title, MAX_BARE_TITLE),
    summary: clip(summary, MAX_BARE_TITLE),
    sections: [],
    notes: notes.slice(-1).map((note) => clip(note, MAX_BARE_NOTE)),
  };
}

function afterCut(lead: string | null): string {
  return lead === null ? CUT : `${CUT} ${lead}`;
}
