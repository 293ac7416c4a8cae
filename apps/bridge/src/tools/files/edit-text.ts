import { head } from '@it0/contracts/text';
import { findMatches } from './find-matches.ts';
import { formatNearestLines } from './nearest-lines.ts';
import { formatLineCount, splitLines, withoutEnding } from './text-file.ts';
import { Refusal } from './workspace-path.ts';

type Replacement = { old_text: string; new_text: string };
type LineEdit = { start_line: number; end_line: number; new_text: string };
export type Edit = (Replacement & { start_line?: undefined }) | (LineEdit & { old_text?: undefined });

/** A text after an edit, and the changed lines before and after. `line` is the number of the first one. */
export type Edited = { text: string; line: number; before: string[]; after: string[] };

/** The number of matches of `old_text` that are listed. */
const MAX_LISTED_MATCHES = 10;
const MAX_SHOWN_LINES = 20;
const MAX_SHOWN_LENGTH = 200;

/**
 * Applies an edit, and keeps the line endings, also a missing one at the end. Throws a `Refusal` if it does not apply.
 */
export function editText(text: string, edit: Edit): Edited {
  // The model is not shown line endings, so its text has LF and would not match a file with CRLF.
  const convert = isCrlf(text) ? (part: string) => part.replace(/\r?\n/g, '\r\n') : (part: string) => part;
  return edit.old_text === undefined
    ? replaceLines(text, { ...edit, new_text: convert(edit.new_text) })
    : replaceText(text, { old_text: convert(edit.old_text), new_text: convert(edit.new_text) });
}

const isCrlf = (text: string) => text.includes('\r\n') && !/(?<!\r)\n/.test(text);

function replaceText(text: string, { old_text, new_text }: Replacement): Edited {
  const matches = findMatches(text, old_text, MAX_LISTED_MATCHES + 1);
  const [at] = matches;
  if (at === undefined) throw new Refusal(`old_text is not in the file.${formatNearestLines(text, old_text)} ${HINT}`);
  if (matches.length > 1) {
    const times = matches.length > MAX_LISTED_MATCHES ? `more than ${MAX_LISTED_MATCHES}` : matches.length;
    const lines = matches.slice(0, MAX_LISTED_MATCHES).map((index) => toLineNumber(text, index));
    throw new Refusal(`old_text occurs ${times} times, in lines ${lines.join(', ')}. ${HINT}`);
  }
  const from = text.slice(0, at).lastIndexOf('\n') + 1;
  const end = text.indexOf('\n', at + old_text.length - 1);
  const to = end < 0 ? text.length : end + 1;
  const [start, rest] = [text.slice(0, at), text.slice(at + old_text.length)];
  const after = text.slice(from, at) + new_text + text.slice(at + old_text.length, to);
  return {
    text: start + new_text + rest,
    line: toLineNumber(text, at),
    before: splitLines(text.slice(from, to)),
    after: splitLines(after),
  };
}

const HINT = 'Give more of the surrounding text, or start_line and end_line.';

/** Returns the number of the line with the character at `index`. */
const toLineNumber = (text: string, index: number) => splitLines(`${text.slice(0, index)}.`).length;

function replaceLines(text: string, { start_line, end_line, new_text }: LineEdit): Edited {
  const lines = splitLines(text);
  if (end_line > lines.length || start_line > lines.length + 1)
    throw new Refusal(`The file has only ${formatLineCount(lines.length)}.`);
  const ending = isCrlf(text) ? '\r\n' : '\n';
  const hasEnding = (lines.at(-1) ?? new_text).endsWith('\n');
  const before = lines.slice(start_line - 1, end_line);
  const after = splitLines(new_text);
  const changed = lines
    .toSpliced(start_line - 1, before.length, ...after)
    .map((line, index, all) => (index < all.length - 1 || hasEnding ? withEnding(line, ending) : withoutEnding(line)));
  return { text: changed.join(''), line: start_line, before, after };
}

const withEnding = (line: string, ending: string) => (line.endsWith('\n') ? line : line + ending);

/** Formats the changed lines as a diff, shortened. */
export function formatEdit({ line, before, after }: Edited): string {
  const mark = (sign: string, lines: string[]) => [
    ...lines.slice(0, MAX_SHOWN_LINES).map((text) => `${sign}${head(withoutEnding(text), MAX_SHOWN_LENGTH)}`),
    ...(lines.length > MAX_SHOWN_LINES ? [`${sign}… ${lines.length - MAX_SHOWN_LINES} more lines`] : []),
  ];
  const header = `@@ -${line},${before.length} +${line},${after.length} @@`;
  return [header, ...mark('-', before), ...mark('+', after)].join('\n');
}
