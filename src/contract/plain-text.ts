/**
 * Names are chosen by users, and commands are typed by anybody: every text that a person sees passes through here, whichever
 * door it leaves by.
 */

// Folded to a space: what ends a line or moves the cursor.
const BREAKS = /[\t\n\v\f\r\x85\u2028\u2029]+/g;
// Dropped: other control characters, direction overrides, what has no width or no glyph, and what is no character at all.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}]/gu;
// Not ignorable to Unicode, and yet nothing is seen: spaces of any width, and a braille pattern without dots.
const BLANK = /^[\p{White_Space}\u2800]*$/u;

/** One line, of visible characters and spaces only; half a surrogate pair becomes a replacement character. */
export function plainText(text: string): string {
  return text.toWellFormed().replace(BREAKS, " ").replace(INVISIBLE, "");
}

/** The first of the texts of which something is left to see, plain; empty when there is none. */
export function firstVisible(...texts: readonly (string | null | undefined)[]): string {
  for (const text of texts) {
    const plain = plainText(text ?? "");
    if (!BLANK.test(plain)) return plain;
  }
  return "";
}

/** No longer than that many code points, the mark of the cut included. */
export function clip(text: string, points: number): string {
  // Twice as many units hold as many points: a huge text is not taken apart to find out.
  const all = [...text.slice(0, points * 2 + 2)];
  return all.length > points ? `${all.slice(0, points - 1).join("")}…` : text;
}
