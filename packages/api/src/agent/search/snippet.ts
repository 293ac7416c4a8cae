import { fold, UNSPACED } from './terms.ts';

/** A piece of a snippet; `match` when it matches the query. */
export type Piece = { text: string; match: boolean };

/** Length of a snippet in characters, and how many of them precede the first match. */
const SNIPPET = { length: 160, before: 40 };
/** Words longer than this are not joined across a cut. */
const MAX_WORD = 20;

/**
 * Returns the part of a text around its first match, in pieces; null when a word is not in the text. A folded character
 * can have another length, so each is folded on its own, with the position it came from.
 */
export function findSnippet(text: string, words: readonly string[]): Piece[] | null {
  const folded = foldWithPositions(text);
  const matches: { start: number; end: number }[] = [];
  for (const word of words) {
    const found = findWord(folded.text, word);
    if (found.length === 0) return null;
    const { toPosition } = folded;
    matches.push(...found.map((at) => ({ start: toPosition(at), end: toPosition(at + word.length) })));
  }
  matches.sort((a, b) => a.start - b.start);
  const start = toWordStart(text, Math.max(0, (matches[0]?.start ?? 0) - SNIPPET.before));
  const end = Math.min(text.length, start + SNIPPET.length);
  const pieces: Piece[] = [];
  const add = (from: number, to: number, match: boolean) => {
    if (to > from) pieces.push({ text: text.slice(from, to).replaceAll(/\s+/g, ' '), match });
  };
  if (start > 0) pieces.push({ text: '…', match: false });
  let at = start;
  for (const match of matches) {
    if (match.end <= at || match.end > end) continue;
    add(at, match.start, false);
    add(Math.max(at, match.start), match.end, true);
    at = match.end;
  }
  add(at, end, false);
  if (end < text.length) pieces.push({ text: '…', match: false });
  return pieces;
}

const isLatin = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}\p{M}]/u.test(character);
/** Words of such scripts match anywhere. */
const HAS_UNSPACED = new RegExp(`[${UNSPACED}]`, 'u');

/** Lists where a word begins in a text, up to a hundred times. */
function findWord(text: string, word: string): number[] {
  const found: number[] = [];
  const isAnywhere = HAS_UNSPACED.test(word);
  for (let at = text.indexOf(word); at >= 0 && found.length < 100; at = text.indexOf(word, at + 1)) {
    const before = text[at - 1];
    const isBeginning = !isLatin(before) || HAS_UNSPACED.test(before!);
    const isWhole = word.length > 1 || !isLatin(text[at + word.length]);
    if (isAnywhere || (isBeginning && isWhole)) found.push(at);
  }
  return found;
}

/**
 * Folds a text, with the position in the original text of each unit, and of the end. Positions are needed only if
 * folding has changed the length, as with ligatures.
 */
function foldWithPositions(text: string) {
  const all = fold(text);
  if (all.length === text.length) return { text: all, toPosition: (at: number) => at };
  const positions: number[] = [];
  let folded = '';
  let at = 0;
  for (const character of text) {
    const piece = fold(character);
    for (let unit = 0; unit < piece.length; unit++) positions.push(at);
    folded += piece;
    at += character.length;
  }
  return { text: folded, toPosition: (index: number) => positions[index] ?? text.length };
}

/** Moves a position to the beginning of the word that it cuts. */
function toWordStart(text: string, at: number): number {
  if (at === 0) return 0;
  const space = text.slice(at, at + MAX_WORD).search(/\s/);
  return space < 0 ? at : at + space + 1;
}
