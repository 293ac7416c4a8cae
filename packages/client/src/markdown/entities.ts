import { decodeNamedCharacterReference } from 'decode-named-character-reference';

const reference = /&(?:#(?<decimal>\d{1,7})|#[xX](?<hex>[\da-fA-F]{1,6})|(?<name>[A-Za-z][A-Za-z\d]{1,31}));/g;

/** Decodes the character references of HTML 5, once. Unknown names stay as they are. */
export const decodeEntities = (text: string) =>
  text.replace(reference, (raw, decimal?: string, hex?: string, name?: string) => {
    if (name) return decodeNamedCharacterReference(name) || raw;
    return toCharacter(decimal ? Number.parseInt(decimal, 10) : Number.parseInt(hex ?? '', 16));
  });

/** Returns the character with a code, or the replacement character for a code that is none. */
const toCharacter = (code: number) =>
  code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
