/**
 * Names are chosen by users, and commands are typed by anybody. In a card they are text and nothing else: no mention, no
 * link, no image, no markup.
 */

// Folded to a blank: what ends a line or moves the cursor.
const BREAKS = /[\t\n\v\f\r\x85\u2028\u2029]+/g;
// Dropped: other control characters, bidirectional controls, and what has no width.
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]/gu;

/** One line, of visible characters only; half a surrogate pair becomes a replacement character. */
export function strip(text: string): string {
  return text.toWellFormed().replace(BREAKS, " ").replace(INVISIBLE, "");
}

/** No longer than that many code points, the mark of the cut included. */
export function clip(text: string, points: number): string {
  // Twice as many units hold as many points: a huge text is not taken apart to find out.
  const all = [...text.slice(0, points * 2 + 2)];
  return all.length > points ? `${all.slice(0, points - 1).join("")}…` : text;
}

/** For Slack's `mrkdwn`, where only these three begin anything that acts. */
export function escapeSlack(text: string): string {
  return text.replace(/[&<>]/g, (char) => ENTITIES[char] as string);
}

const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * For markdown in a card of Feishu's: entities by number, but one that has only a name there.
 *
 * @see https://open.feishu.cn/document/feishu-cards/card-json-v2-components/content-components/rich-text
 */
export function escapeFeishu(text: string): string {
  return text.replace(/[&<>*_~`:!|/()[\]$\-#+"'\\]/g, (char) =>
    char === "~" ? "&sim;" : `&#${char.codePointAt(0)};`,
  );
}

/** For DingTalk's markdown: a backslash before what begins markup, entities for what begins a tag. */
export function escapeDingtalk(text: string): string {
  return text.replace(/[&<>]|[\\`*_~{}[\]()#+\-!|]/g, (char) => ENTITIES[char] ?? `\\${char}`);
}

/** For a `TextRun` of an Adaptive Card, which parses nothing but `{{DATE(…)}}`. */
export function breakCardFunctions(text: string): string {
  return text.replace(/\{(?=\{)/g, "{\u200b");
}

/** For WeCom's text messages, which know one thing: `<a href>`. There is no escape for it, so the brackets are others. */
export function escapeWecom(text: string): string {
  return text.replaceAll("<", "＜").replaceAll(">", "＞");
}
