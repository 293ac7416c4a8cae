import { z } from 'zod';
import { BLANK_IN_TEXT, isVisible } from './invisible.ts';
import { limits } from './limits.ts';
import { isStorable } from './text.ts';

/** Private and unassigned characters stay in a name, since newer fonts can show them. */
const BLANKS = new RegExp(BLANK_IN_TEXT, 'gu');
/** Combining marks from the fifth on, which is more than any script uses. */
const STACKED_MARKS = /(\p{M}{4})\p{M}+/gu;

/**
 * Returns a name in the form in which it is stored: in NFC, without characters that reorder or hide text, with one
 * kind of space, and with at most four marks on a letter.
 */
export const toDisplayName = (value: string) =>
  value.replaceAll(/\p{Z}/gu, ' ').replaceAll(BLANKS, '').normalize('NFC').replaceAll(STACKED_MARKS, '$1').trim();

/** Line breaks and tabs, which separate words. */
const BREAKS = /[\t-\r\u0085]+/g;

/**
 * Returns a name from outside in the form of `toDisplayName`, for names that cannot be refused: line breaks and tabs
 * become spaces, and other control characters and lone surrogates are removed.
 */
export const cleanDisplayName = (value: string) =>
  toDisplayName(value.replaceAll(BREAKS, ' ').replaceAll(/[\p{Cc}\p{Cs}]/gu, ''));

/**
 * Creates a schema for names of agents, people, organizations, keys and models, of at most `max` UTF-16 units. Refuses
 * control characters and names without a visible character.
 */
export const displayName = (max: number = limits.displayName) =>
  z
    .string()
    .max(max * 5, { abort: true })
    .refine((value) => isStorable(value) && !/\p{Cc}/u.test(value.trim()), {
      error: 'A name cannot contain control characters.',
      abort: true,
    })
    .overwrite(toDisplayName)
    .min(1)
    .max(max)
    .refine(isVisible, 'A name needs at least one visible character.');
