import { BLANK, INVISIBLE } from '@it0/contracts/invisible';

/** Reason to mark a character: it is hard to see, or looks like another one. */
export type Concern =
  /** Line breaks, tabs, and spaces in places where they are hard to see: harmless, but part of the text. */
  | 'layout'
  | 'control'
  | 'space'
  | 'invisible'
  /** Reorders the text around it. */
  | 'direction'
  | 'lookalike'
  /** A mark that is drawn over the character before it. */
  | 'overlay'
  /** A character without a standard appearance, or a replacement character. */
  | 'unknown';

type HardToSee = Exclude<Concern, 'layout'>;

/** Part of a text, in the order of the text. */
export type Segment =
  /** `rtl` has to be shown isolated, so that it does not reorder the text around it. */
  | { kind: 'plain' | 'rtl'; raw: string }
  /** Shown as its label; a lookalike is shown with its label beside it. `raw` is the character `count` times. */
  | { kind: 'marked'; raw: string; concern: Concern; label: string; count: number };

/** A longer run is shown as one label with a count. */
const MAX_REPEATED = 8;

const direction = /\p{Bidi_Control}/u;
const layout = /[\n\t ]/u;
/** Blank Braille is as wide as a letter. */
const space = /[\p{Z}\u2800]/u;

/** Line breaks, tabs, and spaces that begin or end a line or follow another space. */
const layoutRun = /(?<=^|\n) +| +(?=[\n\r]|$)| {2,}|\n+|\t+/u;
/** Combining marks over an ASCII character, and from the third on over any character. */
const overlay = /(?<=\p{M}{2})\p{M}|(?<=(?:^|[\0-\x7f])\p{M}?)\p{M}/u;
const marked = new RegExp(
  `(?<layout>${layoutRun.source})|(?<char>${INVISIBLE.source}|${overlay.source})\\k<char>*`,
  'gu',
);

/**
 * Splits a text so that all of it can be shown. A character that is hard to see, or looks like another one, becomes a
 * segment with a label. The joined `raw` of all segments is the text.
 */
export function splitVisible(text: string): Segment[] {
  const parts: Segment[][] = [];
  let from = 0;
  for (const { 0: run, index, groups } of text.matchAll(marked)) {
    parts.push(splitWords(text.slice(from, index)), splitRun(run, groups?.layout !== undefined));
    from = index + run.length;
  }
  parts.push(splitWords(text.slice(from)));
  return parts.flat();
}

/** Lists the characters that are hard to see by concern, each once with its count. Leaves out `layout`. */
export function listConcerns(segments: readonly Segment[]): [HardToSee, string[]][] {
  const counts = new Map<HardToSee, Map<string, number>>();
  for (const segment of segments) {
    if (segment.kind !== 'marked' || segment.concern === 'layout') continue;
    const labels = counts.get(segment.concern) ?? new Map<string, number>();
    const label = formatLabel(readFirst(segment.raw));
    labels.set(label, (labels.get(label) ?? 0) + segment.count);
    counts.set(segment.concern, labels);
  }
  return [...counts].map(([concern, labels]) => [concern, [...labels].map(([label, n]) => withCount(label, n))]);
}

const withCount = (label: string, count: number) => (count > 1 ? `${label}×${count}` : label);

/** Marks a run of one character. A few line breaks stay separate, so that each ends a line. */
function splitRun(raw: string, isLayout: boolean): Segment[] {
  const char = readFirst(raw);
  const count = raw.length / char.length;
  const concern = isLayout ? 'layout' : findConcern(char);
  const label = formatLabel(char);
  if (count > MAX_REPEATED) return [{ kind: 'marked', raw, concern, label: withCount(label, count), count }];
  if (char === '\n') return Array.from(raw, (one) => ({ kind: 'marked', raw: one, concern, label, count: 1 }));
  return [{ kind: 'marked', raw, concern, label: label.repeat(count), count }];
}

function findConcern(char: string): Concern {
  if (direction.test(char)) return 'direction';
  if (layout.test(char)) return 'layout';
  if (/\p{Cc}/u.test(char)) return 'control';
  if (space.test(char)) return 'space';
  if (BLANK.test(char)) return 'invisible';
  return /\p{M}/u.test(char) ? 'overlay' : 'unknown';
}

/** Formats layout characters as symbols that every font has, and others as `\u202e` or `\u{e0041}`. */
function formatLabel(char: string): string {
  if (char === '\n') return '⏎';
  if (char === '\t') return '⇥';
  if (char === ' ') return '·';
  const code = char.codePointAt(0)!;
  const hex = code.toString(16).padStart(4, '0');
  return code > 0xffff ? `\\u{${hex}}` : `\\u${hex}`;
}

const readFirst = (raw: string) => String.fromCodePoint(raw.codePointAt(0)!);

const rightToLeft = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefe\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]+/u;
const word = /[\p{L}\p{M}\p{N}]+/u;
const piece = new RegExp(`(?<rtl>${rightToLeft.source})|(?<word>${word.source})|(?<other>[^\\0-\\x7f])`, 'gu');

/** Splits a text that has no hidden characters: marks lookalikes, and separates right-to-left words. */
function splitWords(text: string): Segment[] {
  const segments: Segment[] = [];
  let plain = '';
  const flush = () => {
    if (plain) segments.push({ kind: 'plain', raw: plain });
    plain = '';
  };
  let from = 0;
  for (const { 0: match, index, groups } of text.matchAll(piece)) {
    plain += text.slice(from, index);
    from = index + match.length;
    if (groups?.rtl) {
      flush();
      segments.push({ kind: 'rtl', raw: match });
      continue;
    }
    const isCjk = cjk.test(text.slice(Math.max(0, index - 1), from + 1));
    const isLookalike = groups?.word ? findLookalikes(match) : (char: string) => !isCjk && looksLikeAscii(char);
    for (const char of match) {
      if (!isLookalike(char)) {
        plain += char;
        continue;
      }
      flush();
      segments.push({ kind: 'marked', raw: char, concern: 'lookalike', label: formatLabel(char), count: 1 });
    }
  }
  plain += text.slice(from);
  flush();
  return segments;
}

const cjk = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Bopomofo}]/u;
/** Letters of other alphabets that fonts draw like ASCII letters. */
const asciiLike =
  /[\u0391\u0392\u0395-\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03b9\u03bd\u03bf\u03c1\u03c5\u03c7\u0405\u0406\u0408\u0410\u0412\u0415\u041a\u041c-\u041e\u0420-\u0422\u0425\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u04ae\u04af\u04bb\u04c0\u04cf\u0501\u051b\u051d\u054d\u0555\u0570\u0578\u057d\u0581\u0585]/u;
/** Dashes, quotation marks, strokes and Latin letters that look like ASCII. */
const signLike =
  /(?!-)\p{Pd}|[\u2018-\u201f\u2032-\u2036\u02b9-\u02bf\u02c8\u00b4\u2044\u2215\u2216\u2223\u2758\u2212\u02d0\ua789\u2236\u02dc\u223c\u204e\u2217\u2039\u203a\u02c2\u02c3\u0131\u0251\u0261\u0269\u01c0\u01c3]/u;

/** Returns a test for the letters of a word that look like ASCII. With mixed alphabets, all non-Latin ones count. */
function findLookalikes(letters: string): (char: string) => boolean {
  const isMixed = /[A-Za-z]/.test(letters);
  const others = [...letters].filter((char) => /\p{L}/u.test(char) && !cjk.test(char));
  const isAllLike = others.length > 0 && others.every((char) => asciiLike.test(char) || looksLikeAscii(char));
  return (char) => {
    if (isAllLike && asciiLike.test(char)) return true;
    if (isMixed && !/[\p{sc=Latin}\p{sc=Common}\p{sc=Inherited}]/u.test(char) && !cjk.test(char)) return true;
    return looksLikeAscii(char);
  };
}

/** Returns whether a character looks like ASCII or normalizes to it, such as a full-width letter or `\u037e`. */
function looksLikeAscii(char: string): boolean {
  if (/[\0-\x7f]/.test(char)) return false;
  return /^[\0-\x7f]+$/.test(char.normalize('NFKC')) || signLike.test(char);
}
