import { BLANK } from '@it0/contracts/invisible';
import { z } from 'zod';

const separators = new RegExp(`[\\s\\p{Pd}]|${BLANK.source}`, 'gu');

/** Removes spaces, dashes and blank characters, and converts full-width characters to ASCII. */
const plain = (text: string) => text.normalize('NFKC').replace(separators, '');

/** A code of an authenticator app, in any notation: `123 456`, `123-456`, `１２３４５６`. */
export const AppCode = z
  .string()
  .max(100)
  .transform(plain)
  .pipe(z.string().regex(/^\d{6}$/));

/** A backup code: five letters or digits, a dash, five more. Case-sensitive; the dash may be missing. */
export const BackupCode = z
  .string()
  .max(100)
  .transform(plain)
  .pipe(z.string().regex(/^[a-z\d]{10}$/i))
  .transform((code) => `${code.slice(0, 5)}-${code.slice(5)}`);
