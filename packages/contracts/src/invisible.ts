/*
 * Characters in texts from outside that a person cannot see or cannot tell from a space. Cards, rules, names, files and
 * the log use this set; code that needs a different one says why.
 */

/**
 * Characters that draw nothing on their own: formatting and bidi controls (Cf); what Unicode lets a font ignore, such
 * as joiners, variation selectors, tags and Hangul fillers (DI); and some with an empty glyph, which Unicode counts as
 * letters or symbols: blank Braille, the place of an object, blanks of musical notation, Egyptian and Khitan.
 */
export const BLANK = /[\p{Cf}\p{DI}\u2800\ufffc\u{13441}\u{13442}\u{16fe4}\u{1d159}]/u;

/**
 * Blank characters except joiners and variation selectors, which scripts and emoji need: the set for texts that are
 * shown as they are.
 */
export const BLANK_IN_TEXT = new RegExp(`(?![\\u200c\\u200d]|\\p{Variation_Selector})${BLANK.source}`, 'u');

/**
 * Blank characters; control characters; spaces and separators except the ASCII space; and characters without a known
 * look: private, unassigned, lone surrogates, and the replacement character. Tabs and newlines are left out, since
 * texts need them.
 */
export const INVISIBLE = new RegExp(`(?![ \\t\\n])(?:${BLANK.source}|[\\p{C}\\p{Z}\\ufffd])`, 'u');

/** Returns whether a text contains invisible characters. */
export const hasInvisible = (text: string) => INVISIBLE.test(text);

/** Includes marks, which are visible only on a letter. */
const NOT_VISIBLE = new RegExp(`${INVISIBLE.source}|[\\s\\p{M}]`, 'gu');

/** Returns whether a text has a visible character. */
export const isVisible = (text: string) => text.replaceAll(NOT_VISIBLE, '') !== '';

const EVERY_INVISIBLE = new RegExp(INVISIBLE, 'gu');

/** Escapes invisible characters in a JSON text, which parses to the same values. */
export const escapeInvisible = (json: string) =>
  json.replace(EVERY_INVISIBLE, (character) =>
    Array.from({ length: character.length }, (_, at) => character.charCodeAt(at))
      .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
      .join(''),
  );
