import { decodeText, formatLineCount, hashText, MAX_TEXT_BYTES, splitLines } from './text-file.ts';
import { type OpenFile, readAll, readBytes } from './workspace-file.ts';
import { Refusal } from './workspace-path.ts';

const CHUNK_BYTES = 65_536;
const NEWLINE = 10;
/** The largest part of a file that is searched for the first line. */
const MAX_SCAN_BYTES = 64 * 1024 * 1024;
/** The part of a large file that is read: enough for the longest result in characters of four bytes. */
const WINDOW_BYTES = 4 * 65_536;

/** Lines of a file, each with its ending. */
export type Excerpt = {
  lines: string[];
  /** The size of the file, in bytes. */
  size: number;
  /** False when the file ends with these lines. */
  hasMore: boolean;
  /** The number of lines and the hash of the whole file; only if it is small. */
  total?: number;
  hash?: string;
};

/** Reads the lines from `start` on, counted from 1: all lines of a small file, or a window of a large one. */
export async function readExcerpt(file: OpenFile, start: number): Promise<Excerpt> {
  const size = Number(file.stats.size);
  if (size > MAX_TEXT_BYTES) return { size, ...(await readWindow(file, start)) };
  const text = decodeText(await readAll(file, MAX_TEXT_BYTES));
  const lines = splitLines(text);
  return { lines: lines.slice(start - 1), size, hasMore: false, total: lines.length, hash: hashText(text) };
}

async function readWindow({ handle }: OpenFile, start: number): Promise<Pick<Excerpt, 'lines' | 'hasMore'>> {
  const position = await findLine({ handle }, start);
  const bytes = await readBytes(handle, WINDOW_BYTES, position);
  const lines = splitLines(decodeText(bytes, true));
  const hasMore = bytes.length === WINDOW_BYTES;
  // The last line may be cut off by the window.
  return { lines: hasMore && lines.length > 1 ? lines.slice(0, -1) : lines, hasMore };
}

/** Returns the offset of a line, in bytes. Throws a `Refusal` when it is too far or not there. */
async function findLine({ handle }: Pick<OpenFile, 'handle'>, line: number): Promise<number> {
  let remaining = line - 1;
  let last: number | undefined;
  for (let position = 0; remaining > 0; position += CHUNK_BYTES) {
    if (position >= MAX_SCAN_BYTES)
      throw new Refusal('This line is too far into the file. Use a command such as sed -n.');
    const bytes = await readBytes(handle, CHUNK_BYTES, position);
    if (position === 0) decodeText(bytes, true);
    for (let at = bytes.indexOf(NEWLINE); at >= 0; at = bytes.indexOf(NEWLINE, at + 1)) {
      remaining -= 1;
      if (remaining === 0) return position + at + 1;
    }
    last = bytes.at(-1) ?? last;
    if (bytes.length < CHUNK_BYTES) {
      // The last line may have no ending.
      const count = line - 1 - remaining + (last === NEWLINE ? 0 : 1);
      throw new Refusal(`The file has only ${formatLineCount(count)}.`);
    }
  }
  return 0;
}
