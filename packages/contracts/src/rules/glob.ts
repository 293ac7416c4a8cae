import type { Word } from './shell-words.ts';

/** What stands between the stars: one piece has no star. */
export type Glob = string[];

export const toGlob = (text: string): Glob => text.split(/\*+/);

/** The same of a word, where a star in quotes is only a star. */
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
 * Whether every star can be filled so that the glob is the text. What stands between two stars is taken where it first
 * comes: a later place would only leave more to the star before it. Linear in the text for each piece.
 */
export function isLike([first = '', ...rest]: Glob, text: string, mayFill: MayFill = () => true): boolean {
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
