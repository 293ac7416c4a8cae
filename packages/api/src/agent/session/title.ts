import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';

/** Markup at the beginning of a line: headings, quotes, list items, task boxes, and emphasis. */
const LINE_MARKUP = /^(?:\s|#{1,6}\s|>|[-*+]\s|\d+[.)]\s|\[[ xX]\]\s|[*_`~]+(?=\S))+/;
/** Markup around words. */
const INLINE_MARKUP = /[*_`~]+(?=\s|$|[,.;:!?，。；：！？])/g;
const FENCE = /^\s*(?:`{3,}|~{3,})/;

/** Returns the first line of a message that has text, without its Markdown. */
export function toTitle(message: string): string {
  const lines = message.split('\n').filter((line) => line.trim() !== '' && !FENCE.test(line));
  const titles = lines.map((line) => line.replace(LINE_MARKUP, '').replaceAll(INLINE_MARKUP, '').trim());
  return head(titles.find((title) => title !== '') ?? message.trim(), limits.displayName);
}
