import { head } from '@it0/contracts/text';
import { splitLines, withoutEnding } from './text-file.ts';

const MAX_LINES = 20_000;
const MAX_LENGTH = 200;
const MAX_SHOWN = 3;
/** The lowest similarity of a line that is listed, from 0 to 1. */
const MIN_SIMILARITY = 0.4;

/** Formats the lines of a text that are most similar to the first line of `part`; '' when none is similar. */
export function formatNearestLines(text: string, part: string): string {
  const firstLine = part.split('\n').find((line) => line.trim() !== '') ?? '';
  const pairs = toPairs(firstLine);
  const nearest = splitLines(text)
    .slice(0, MAX_LINES)
    .map((line, index) => ({ line, index, similarity: compareSets(pairs, toPairs(line)) }))
    .filter(({ similarity }) => similarity >= MIN_SIMILARITY)
    .sort((one, other) => other.similarity - one.similarity || one.index - other.index)
    .slice(0, MAX_SHOWN)
    .map(({ line, index }) => `\n${index + 1}\t${head(withoutEnding(line), MAX_LENGTH)}`);
  return nearest.length === 0 ? '' : ` The lines most similar to its first line:${nearest.join('')}\n`;
}

/** Returns the pairs of adjacent characters of a line. */
function toPairs(line: string): Set<string> {
  const text = head(line.trim(), MAX_LENGTH);
  return new Set(text.length < 2 ? [text] : Array.from({ length: text.length - 1 }, (_, at) => text.slice(at, at + 2)));
}

/** Returns the Sørensen–Dice coefficient of two sets. */
function compareSets(one: Set<string>, other: Set<string>): number {
  let common = 0;
  for (const pair of one) if (other.has(pair)) common += 1;
  return (2 * common) / (one.size + other.size);
}
