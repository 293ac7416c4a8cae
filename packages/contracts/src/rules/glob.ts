import type { Word } from './shell-words.ts';

/** The pieces between the stars of a pattern. A single piece means that there is no star. */
export type Glob = string[];

/** Splits a text at its stars. Consecutive stars count as one. */
export const toGlob = (text: string): Glob => text.split(/\*+/);

/** Splits a word at its unquoted stars. */
export function wordToGlob({ text, stars }: Word): Glob {
  const pieces: Glob = [];
  let from = 0;
  for (const star of stars) {
    if (star > from || pieces.length === 0) pieces.push(text.slice(from, star));
    from = star + 1;
  }
  return [...pieces, text.slice(from)];
}

type MayFill = (filling: string, before: string) => boolean;

/**
 * Returns whether a glob matches the whole text. `mayFill` restricts the text that a star can match. Each piece between
 * two stars is matched at its first occurrence, since a later one would only give more text to the star before it.
 * Takes linear time in the text per piece.
 */
export function matchesPattern([first = '', ...rest]: Glob, text: string, mayFill: MayFill = () => true): boolean {
  const last = rest.pop();
  if (last === undefined) return first === text;
  if (!text.startsWith(first)) return false;
  let before = first;
  let from = first.length;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at < 0 || !mayFill(text.slice(from, at), before)) return false;
    before = piece;
    from = at + piece.length;
  }
  const end = text.length - last.length;
  return end >= from && text.endsWith(last) && mayFill(text.slice(from, end), before);
}
