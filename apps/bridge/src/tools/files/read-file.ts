import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { type Excerpt, readExcerpt } from './excerpt.ts';
import { runFileTool } from './run-file-tool.ts';
import { formatLineCount, withoutEnding } from './text-file.ts';
import { openFile } from './workspace-file.ts';
import { formatPath, parsePath, Refusal, requireFilePath } from './workspace-path.ts';

const MAX_LINE_LENGTH = 4_000;
/** The part of a result that is reserved for its header line, in characters. */
const MAX_HEADER_LENGTH = 6_000;
const MAX_LENGTH = limits.toolOutput - MAX_HEADER_LENGTH;

/** Reads a part of a text file. */
export const readFile = defineTool({
  description:
    'Read a text file in the workspace or the shared folder. Each line is returned as its number, a tab and its text; ' +
    'number and tab are not part of the file. A long file is returned in parts, and the first line of the result ' +
    'says how to continue. Secrets may be masked: to change such a line use edit_file with line numbers, and never ' +
    'write the mask back.',
  input: z.strictObject({
    path: z.string().describe('Relative to the workspace, or "shared/…".'),
    start_line: z.int().min(1).default(1),
    line_count: z.int().min(1).optional().describe('Default: as many as fit.'),
  }),
  title: ({ path }) => formatPath(path),
  run: ({ path, start_line, line_count }, call) =>
    runFileTool(async () => {
      await using file = await openFile(requireFilePath(parsePath(call.workspace, path), path));
      const excerpt = await readExcerpt(file, start_line);
      return { text: formatExcerpt(path, excerpt, start_line, line_count) };
    }),
});

function formatExcerpt(path: string, excerpt: Excerpt, start: number, count = Infinity): string {
  const { lines, size, hasMore, total, hash } = excerpt;
  const name = head(formatPath(path), MAX_LINE_LENGTH);
  if (size === 0) return `${name} is empty (hash ${hash}).`;
  if (lines.length === 0) throw new Refusal(`${name} has only ${formatLineCount(total ?? start - 1)}.`);
  const numbered = numberLines(lines, start, count);
  const last = start + numbered.length - 1;
  const of = total === undefined ? `of a file of ${size} bytes` : `of ${total} (hash ${hash})`;
  const next = hasMore || numbered.length < lines.length ? ` Call again with start_line ${last + 1} to continue.` : '';
  const crlf = lines[0]!.endsWith('\r\n') ? ' Lines end with CRLF.' : '';
  return `${name}, lines ${start}–${last} ${of}.${crlf}${next}\n${numbered.join('\n')}`;
}

/** Numbers the first lines that fit into a result. */
function numberLines(lines: string[], start: number, count: number): string[] {
  const numbered: string[] = [];
  let length = 0;
  for (const line of lines.slice(0, count)) {
    const text = `${start + numbered.length}\t${cutLine(withoutEnding(line))}`;
    length += text.length + 1;
    if (length > MAX_LENGTH) break;
    numbered.push(text);
  }
  return numbered;
}

const cutLine = (line: string) =>
  line.length <= MAX_LINE_LENGTH ? line : `${head(line, MAX_LINE_LENGTH)}… [line truncated]`;
