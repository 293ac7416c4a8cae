import { z } from 'zod';
import { blankInText } from './invisible.ts';

/**
 * Text from outside. Postgres stores neither NUL nor half a surrogate pair, and a command's output may hold both: they
 * become U+FFFD here, at the edge, so that no event can be refused for ever.
 */
export const text = (max: number) => z.string().max(max).overwrite(toStorableText);

/** Creates a schema for a string that databases accept: refuses NUL and lone surrogates. */
export const storableString = (max: number) =>
  z.string().max(max).refine(isStorable, 'This holds a character that cannot be stored.');

/**
 * Schemas for texts of another process, with several lines or one. Long texts are cut rather than refused, and escape
 * sequences are removed.
 */
export const shortText = (max: number) => cut(toPlainText, max);
export const shortLine = (max: number) => cut(toPlainLine, max);
const cut = (clean: (value: string) => string, max: number) =>
  z
    .string()
    .overwrite((value) => head(clean(toStorableText(value)), max))
    .max(max);

export const toStorableText = (value: string) =>
  (value.includes('\0') ? value.replaceAll('\0', '\uFFFD') : value).toWellFormed();

export const isStorable = (value: string) => !value.includes('\0') && value.isWellFormed();

/** Terminal escape sequences in 7-bit and 8-bit form: strings with their terminator, CSI, and two-character ones. */
const sequences =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: matches control characters on purpose
  /(?:\u001b[\]PX^_]|[\u009d\u0090\u0098\u009e\u009f])[^\u0007\u001b\u009c\n]*(?:\u0007|\u001b\\|\u009c)?|(?:\u001b\[|\u009b)[0-?]*[ -/]*[@-~]?|\u001b[ -/]*[0-~]?/g;
/** Private and unassigned characters stay, since newer fonts can show them, and so does every width of space. */
const unprintable = new RegExp(`(?!\\n)(?:[\\p{Cc}\\p{Zl}\\p{Zp}]|${blankInText.source})`, 'gu');

/**
 * Removes escape sequences, control characters, and characters that hide or reorder text. Keeps line breaks; tabs become
 * spaces.
 */
export const toPlainText = (value: string) =>
  value.replaceAll(/\r\n?/g, '\n').replaceAll(sequences, '').replaceAll('\t', ' ').replaceAll(unprintable, '');

/** Does the same and joins all lines, so that a text cannot imitate another line of output. */
export const toPlainLine = (value: string) => toPlainText(value).replaceAll('\n', ' ');

/** The first or last `max` units of a text, never cutting a character in half. */
export const head = (value: string, max: number) =>
  value.length <= max ? value : value.slice(0, isHigh(value, max - 1) ? max - 1 : max);
export const tail = (value: string, max: number) => {
  if (value.length <= max) return value;
  const start = value.length - max;
  return value.slice(isHigh(value, start - 1) ? start + 1 : start);
};

const isHigh = (value: string, index: number) => (value.charCodeAt(index) & 0xfc00) === 0xd800;
