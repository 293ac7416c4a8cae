import { z } from 'zod';
import { isStorable } from './text.ts';

/** What has no shape: formatting, joiners and fillers, spaces, marks without a letter, the empty Braille cell. */
const unseen = /[\p{C}\p{Z}\p{M}\p{Default_Ignorable_Code_Point}\u2800]/gu;
/** Formatting characters, but for the joiners that scripts and emoji need. */
const formatting = /(?![\u200c\u200d])\p{Cf}/gu;
/** More marks on one letter than any script writes. */
const stackedMarks = /(\p{M}{4})\p{M}+/gu;

/**
 * Returns a name as it is kept: in the composed form (NFC), without what turns or hides text, and with at most four
 * marks on a letter.
 */
export const toDisplayName = (value: string) =>
  value
    .replaceAll(/[\u2028\u2029]/g, ' ')
    .replaceAll(formatting, '')
    .normalize('NFC')
    .replaceAll(stackedMarks, '$1')
    .trim();

/** Whether there is something to see in it. */
export const isSeen = (value: string) => value.replaceAll(unseen, '') !== '';

/** The name of an agent, a person, an organisation, a key or a model. Control characters are refused. */
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
