import { z } from 'zod';
import { BLANK_IN_TEXT } from './invisible.ts';

/**
 * Creates a schema for text from outside of at most `max` UTF-16 units. NUL and lone surrogates, which Postgres cannot
 * store but the output of a command may contain, become U+FFFD, so that no event is refused forever.
 */
export const text = (max: number) => z.string().max(max).overwrite(toStorableText);

/** Creates a schema for a string that databases accept: refuses NUL and lone surrogates. */
export const storableString = (max: number) =>
  z.string().max(max).refine(isStorable, 'The text contains a character that cannot be stored.');

/**
 * Creates a schema for a text of another process with any number of lines. Longer texts are cut rather than refused,
 * and escape sequences are removed.
 */
export const shortText = (max: number) => cut(toPlainText, max);
/** Creates the same schema for a single line. */
export const shortLine = (max: number) => cut(toPlainLine, max);
const cut = (clean: (value: string) => string, max: number) =>
  z
    .string()
    .overwrite((value) => head(clean(toStorableText(value)), max))
    .max(max);

/** Replaces NUL and lone surrogates with U+FFFD, unit for unit, so that offsets stay valid. */
export const toStorableText = (value: string) =>
  (value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value).toWellFormed();

/** Returns whether a text has no NUL and no lone surrogates. */
export const isStorable = (value: string) => !value.includes('\0') && value.isWellFormed();

/** Terminal escape sequences in 7-bit and 8-bit form: strings with their terminator, CSI, and two-character ones. */
const ESCAPE_SEQUENCES =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters on purpose
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;
/** Private and unassigned characters stay, since newer fonts can show them, and so does every width of space. */
const UNPRINTABLE = new RegExp(`(?!\\n)(?:[\\p{Cc}\\p{Zl}\\p{Zp}]|${BLANK_IN_TEXT.source})`, 'gu');

/**
 * Removes escape sequences, control characters, and characters that hide or reorder text. Keeps line breaks; tabs
 * become spaces.
 */
export const toPlainText = (value: string) =>
  value.replaceAll(/\r\n?/g, '\n').replaceAll(ESCAPE_SEQUENCES, '').replaceAll('\t', ' ').replaceAll(UNPRINTABLE, '');

/** Returns plain text with all lines joined, so that it cannot imitate another line of output. */
export const toPlainLine = (value: string) => toPlainText(value).replaceAll('\n', ' ');

/** Returns the first `max` UTF-16 units of a text, or one less rather than half a character. */
export const head = (value: string, max: number) =>
  value.length <= max ? value : value.slice(0, isHighSurrogate(value, max - 1) ? max - 1 : max);
/** Returns the last `max` UTF-16 units of a text, or one less rather than half a character. */
export const tail = (value: string, max: number) => {
  if (value.length <= max) return value;
  const start = value.length - max;
  return value.slice(isHighSurrogate(value, start - 1) ? start + 1 : start);
};

/** Returns whether the unit at an index is the first half of a surrogate pair. */
const isHighSurrogate = (value: string, index: number) => (value.charCodeAt(index) & 0xfc00) === 0xd800;
