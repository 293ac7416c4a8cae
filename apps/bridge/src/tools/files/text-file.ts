import { createHash } from 'node:crypto';
import { Refusal } from './workspace-path.ts';

/** The size of the largest file that is written, edited or read in one piece. */
export const MAX_TEXT_BYTES = 1_000_000;

/**
 * Decodes UTF-8. With `isCut` an incomplete last character is dropped. Throws a `Refusal` for bytes that are not text.
 */
export function decodeText(bytes: Uint8Array, isCut = false): string {
  if (bytes.includes(0)) throw new Refusal(NOT_TEXT);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes, { stream: isCut });
  } catch {
    throw new Refusal(NOT_TEXT);
  }
}

const NOT_TEXT =
  'The file is not UTF-8 text. Use view_image for an image, and a command (file, iconv, xxd) for anything else.';

/** Splits a text into lines, each with its ending. */
export const splitLines = (text: string): string[] => text.match(/[^\n]*\n|[^\n]+$/g) ?? [];

/** Returns a line without its ending. */
export const withoutEnding = (line: string) => line.replace(/\r?\n$/, '');

export const formatLineCount = (count: number) => (count === 1 ? '1 line' : `${count} lines`);

/** Returns a short hash of a file's content, so that an edit can require the content that was read. */
export const hashText = (text: string) => createHash('sha256').update(text).digest('hex').slice(0, 12);

/** Throws a `Refusal` for text that is too long, or that a file could not hold unchanged. */
export function requireText(text: string) {
  if (text.includes('\0') || !text.isWellFormed())
    throw new Refusal(
      'The text contains NUL or an incomplete character, which a text file cannot have. Use a command instead.',
    );
  if (Buffer.byteLength(text) > MAX_TEXT_BYTES)
    throw new Refusal(`Files of more than ${MAX_TEXT_BYTES} bytes cannot be written. Use a command instead.`);
}
