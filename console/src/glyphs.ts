/** No font has a glyph for it: what is drawn is what the browser draws for a missing one. */
const NONCHARACTER = "\u{10FFFE}";
const SIZE = 24;

/** Whether this device has a font that can show the text; where that cannot be found out, it is taken to have one. */
export function canShow(text: string, document: Document): boolean {
  const context = Object.assign(document.createElement("canvas"), { width: SIZE, height: SIZE }).getContext(
    "2d",
  );
  if (!context) return true;
  const missing = picture(context, NONCHARACTER);
  return [...text].every((letter) => picture(context, letter) !== missing);
}

function picture(context: CanvasRenderingContext2D, letter: string): string {
  context.clearRect(0, 0, SIZE, SIZE);
  context.font = `${SIZE * 0.75}px sans-serif`;
  context.textBaseline = "top";
  context.fillText(letter, 0, 0);
  return context.getImageData(0, 0, SIZE, SIZE).data.join();
}
