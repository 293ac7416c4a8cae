/** First level of a reply's headings. The page itself has the ones before. */
const FIRST_LEVEL = 3;
const LAST_LEVEL = 6;

/**
 * Returns the levels at which a reply's headings are shown, by their depth in the text. None is skipped, whatever the
 * depth of the first one, so that `##` followed by `####` becomes the levels 3 and 4.
 */
export function toHeadingLevels(depths: readonly number[]): number[] {
  const open: number[] = [];
  return depths.map((depth) => {
    while (open.length > 0 && open.at(-1)! >= depth) open.pop();
    open.push(depth);
    return Math.min(LAST_LEVEL, FIRST_LEVEL + open.length - 1);
  });
}
