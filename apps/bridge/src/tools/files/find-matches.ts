/**
 * Returns the offsets of the first `max` occurrences of a part in a text; they may overlap. Takes time in proportion to
 * both lengths (the algorithm of Knuth, Morris and Pratt), which `indexOf` does not: a repetitive part can cost it
 * minutes.
 */
export function findMatches(text: string, part: string, max: number): number[] {
  const borders = listBorders(part);
  const matches: number[] = [];
  let matched = 0;
  for (let at = 0; at < text.length && matches.length < max; at++) {
    matched = extend(part, borders, matched, text.charCodeAt(at));
    if (matched === part.length) matches.push(at + 1 - matched);
  }
  return matches;
}

/** Lists, for each length of the part's beginning, the length of the longest shorter beginning that is also its end. */
function listBorders(part: string): Int32Array {
  const borders = new Int32Array(part.length + 1);
  for (let end = 1; end < part.length; end++)
    borders[end + 1] = extend(part, borders, borders[end]!, part.charCodeAt(end));
  return borders;
}

/** Returns how much of the part's beginning is matched by the next character, after `matched` characters of it. */
function extend(part: string, borders: Int32Array, matched: number, next: number): number {
  let length = matched;
  // At the end of the part there is no character to compare: `charCodeAt` returns NaN.
  while (length > 0 && part.charCodeAt(length) !== next) length = borders[length]!;
  return part.charCodeAt(length) === next ? length + 1 : 0;
}
