/** Range of a text in UTF-16 units. */
export type TextRange = { start: number; end: number };

const FIELD = /\{\{[^{}\n]{1,80}\}\}/g;

/** Returns the fields of a prompt, which are written as `{{name}}`. */
export const listFields = (text: string): TextRange[] =>
  [...text.matchAll(FIELD)].map(({ index, 0: field }) => ({ start: index, end: index + field.length }));

/** Returns the first field that begins at a position or after it; with -1, the last one that ends before it. */
export function findField(text: string, position: number, direction: 1 | -1): TextRange | null {
  const fields = listFields(text);
  const found =
    direction > 0 ? fields.find(({ start }) => start >= position) : fields.findLast(({ end }) => end <= position);
  return found ?? null;
}
