import type { Part } from '@it0/contracts/message';

/** Scripts that are written without spaces between words. */
export const UNSPACED = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const WORDS = new RegExp(`[${UNSPACED}]+|(?:(?![${UNSPACED}])[\\p{L}\\p{N}\\p{M}])+`, 'gu');
const IS_UNSPACED = new RegExp(`^[${UNSPACED}]`, 'u');

/** Limits of what is indexed of a message: its text, each output, and its different terms. */
const MAX = { text: 100_000, output: 16_000, terms: 5_000, term: 60 };

/** Folds case and width, as in `ＡＢＣ` and `abc`. */
export const fold = (text: string) => text.normalize('NFKC').toLowerCase();

/**
 * Returns the different search terms of a text. Words in scripts with spaces are one term each. Scripts without spaces
 * give all pairs of adjacent characters, and the last character, so that every character begins a term.
 */
export function toTerms(text: string): string[] {
  const terms = new Set<string>();
  for (const [word] of fold(text).matchAll(WORDS)) {
    if (terms.size >= MAX.terms) break;
    if (!IS_UNSPACED.test(word)) terms.add([...word].slice(0, MAX.term).join(''));
    else {
      const characters = [...word];
      for (const [index, character] of characters.entries()) terms.add(character + (characters[index + 1] ?? ''));
    }
  }
  return [...terms];
}

/** Returns the search terms of a message: of its text, and of the titles and outputs of its tool calls. */
export const toMessageTerms = (parts: readonly Part[]): string[] => toTerms(toSearchText(parts));

/** Returns the text of a message in which a search looks. */
export const toSearchText = (parts: readonly Part[]): string =>
  parts
    .map((part) => {
      if (part.type === 'text') return part.text.slice(0, MAX.text);
      if (part.type === 'attachment') return part.name;
      if (part.type === 'approval') return part.command.slice(0, MAX.output);
      return `${part.title}\n${part.output.slice(0, MAX.output)}`;
    })
    .join('\n');

/** Returns the words of a query: in its order, folded, and each once. */
export const toQueryWords = (query: string): string[] => [...new Set(fold(query).match(WORDS) ?? [])];

/**
 * Converts the words to a condition of PostgreSQL's text search, in which all of them must match: words with spaces by
 * their beginning, and others by their pairs of characters. A single Latin letter matches only itself.
 */
export const toTsQuery = (words: string[]): string => words.map(toTsQueryWord).join(' & ');

function toTsQueryWord(word: string): string {
  const characters = [...word];
  if (!IS_UNSPACED.test(word)) {
    const term = characters.slice(0, MAX.term).join('');
    return characters.length > 1 ? `'${term}':*` : `'${term}'`;
  }
  if (characters.length === 1) return `'${word}':*`;
  return characters
    .slice(0, -1)
    .map((character, index) => `'${character}${characters[index + 1]}'`)
    .join(' & ');
}
