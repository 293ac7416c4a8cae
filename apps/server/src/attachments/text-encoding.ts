/** Encoding of a text that is not UTF-8, by the label of the Encoding standard. */
export type TextEncoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'gbk' | 'windows-1252';

/** Control characters other than those of layout and of terminals, which no text has. */
const isBinaryByte = (byte: number) => byte < 7 || (byte > 13 && byte < 27) || (byte > 27 && byte < 32);

/**
 * Returns the encoding of a content that is not valid UTF-8, or null if it is not a text. A byte order mark names its
 * encoding. A text with more valid than damaged characters of UTF-8 is damaged UTF-8. Otherwise pairs of bytes that are
 * common Chinese characters are GBK, and what remains is Western European.
 */
export function detectEncoding(content: Buffer): TextEncoding | null {
  if (content[0] === 0xff && content[1] === 0xfe) return 'utf-16le';
  if (content[0] === 0xfe && content[1] === 0xff) return 'utf-16be';
  if (content.some(isBinaryByte)) return null;
  const text = content.toString('utf8');
  const damaged = text.match(/\ufffd/g)?.length ?? 0;
  const valid = text.match(/(?!\ufffd)[^\0-\x7f]/gu)?.length ?? 0;
  if (valid > damaged) return 'utf-8';
  return isGbk(content) ? 'gbk' : 'windows-1252';
}

/** Decodes a text to UTF-8. What cannot be decoded becomes U+FFFD. */
export const toUtf8 = (content: Buffer, encoding: TextEncoding) =>
  Buffer.from(new TextDecoder(encoding).decode(content));

/** Part of the pairs that has to be common for GBK. */
const COMMON_PART = 0.7;

/** Returns whether most pairs of high bytes are common characters: level 1 of GB 2312, punctuation or wide letters. */
function isGbk(content: Buffer) {
  let [pairs, common] = [0, 0];
  for (let at = 0; at < content.length; at++) {
    const [first = 0, second = 0] = [content[at], content[at + 1]];
    if (first < 0x80) continue;
    if (second < 0x40) return false;
    pairs++;
    if (second >= 0xa1 && ((first >= 0xb0 && first <= 0xd7) || (first >= 0xa1 && first <= 0xa3))) common++;
    at++;
  }
  return common / pairs >= COMMON_PART;
}
