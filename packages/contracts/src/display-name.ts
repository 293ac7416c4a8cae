import { z } from 'zod';
import { isStorable } from './text.ts';

/** Characters that are invisible on their own: formatting, joiners, fillers, spaces, marks, the empty Braille cell. */
const unseen = /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Formatting characters except the joiners that scripts and emoji need. */
const formatting = /(?![\u200c\u200d])\p{Cf}/gu;
/** Combining marks from the fifth on, which is more than any script uses. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Returns a name in the form in which it is stored: in NFC, without characters that reorder or hide text, and with at
 * most four marks on a letter.
 */
export const toDisplayName = (value: string) =>
  value
    .replaceAll(/[\u2028\u2029]/g, ' ')
    .replaceAll(formatting, '')
    .normalize('NFC')
    .replaceAll(stackedMarks, '$1')
    .trim();

/** Returns whether a text has a visible character. */
export const isSeen = (value: string) => value.replaceAll(unseen, '') !== '';

/** Creates a schema for names of agents, people, organisations, keys and models. Refuses control characters. */
export const displayName = (max = 80) =>
  z
    .string()
    .max(max * 5, { abort: true })
    .refine((value) => isStorable(value) && !/\p{Cc}/u.test(value.trim()), {
      error: 'A name has no control characters.',
      abort: true,
    })
    .overwrite(toDisplayName)
    .min(1)
    .max(max)
    .refine(isSeen, 'A name has at least one character that can be seen.');
