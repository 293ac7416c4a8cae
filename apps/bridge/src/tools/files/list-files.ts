import type { Dirent } from 'node:fs';
import { lstat, opendir, readlink } from 'node:fs/promises';
import { limits } from '@it0/contracts/limits';
import { z } from 'zod';
import { defineTool } from '../tool.ts';
import { runFileTool } from './run-file-tool.ts';
import { type Folder, openFolder } from './workspace-file.ts';
import { formatPath, parsePath, SHARED } from './workspace-path.ts';

const MAX_ENTRIES = 1_000;
/** The number of names of one folder that are read and sorted. */
const MAX_NAMES = 20_000;
const MAX_DEPTH = 10;
/** The length of a listing; the rest of a result is for its last line. */
const MAX_LENGTH = limits.toolOutput - 1_000;

/** Lists a folder. */
export const listFiles = defineTool({
  description:
    'List a folder of the workspace, or "shared": one path per line, with "/" after a folder, the size of a file in ' +
    'bytes, and the target of a symbolic link. Links are not followed. A name with invisible characters is quoted ' +
    'and escaped as in JSON.',
  input: z.strictObject({
    path: z.string().default('.').describe('Relative to the workspace. Default: the workspace.'),
    depth: z.int().min(1).max(MAX_DEPTH).default(1).describe('The number of folder levels to list.'),
  }),
  title: ({ path }) => formatPath(path),
  run: ({ path, depth }, call) =>
    runFileTool(async () => {
      const target = parsePath(call.workspace, path);
      const list = new Listing();
      await using folder = await openFolder(target);
      if (target.base === call.workspace.root && target.names.length === 0)
        list.add(
          `${SHARED}/ (shared by all users of this agent${call.workspace.isSharedWritable ? '' : ', read-only'})`,
        );
      await list.addFolder(folder, '', depth);
      return { text: list.toString() };
    }),
});

class Listing {
  readonly #lines: string[] = [];
  #length = 0;
  #hasMore = false;

  toString() {
    const more = this.#hasMore ? ['[There is more. List a subfolder, or use a command such as find.]'] : [];
    return [...this.#lines, ...more].join('\n') || '[Empty]';
  }

  /** Adds a line. Returns false when the listing is full. */
  add(line: string): boolean {
    if (this.#lines.length >= MAX_ENTRIES || this.#length + line.length > MAX_LENGTH) {
      this.#hasMore = true;
      return false;
    }
    this.#length += line.length + 1;
    this.#lines.push(line);
    return true;
  }

  async addFolder(folder: Folder, parentPath: string, depth: number): Promise<void> {
    for (const entry of await this.#readSorted(folder)) {
      const path = `${parentPath}${entry.name}`;
      if (!this.add(await formatEntry(folder, entry, path))) return;
      if (!entry.isDirectory() || depth === 1) continue;
      // The folder may have been deleted or be unreadable; its name is listed anyway.
      const subfolder = await folder.openFolder(entry.name).catch(() => undefined);
      if (!subfolder) continue;
      await using _ = subfolder;
      await this.addFolder(subfolder, `${path}/`, depth - 1);
    }
  }

  async #readSorted(folder: Folder): Promise<Dirent[]> {
    const entries: Dirent[] = [];
    for await (const entry of await opendir(folder.at(), { bufferSize: 256 })) {
      if (entries.length === MAX_NAMES) {
        this.#hasMore = true;
        break;
      }
      entries.push(entry);
    }
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

async function formatEntry(folder: Folder, entry: Dirent, path: string): Promise<string> {
  const name = formatPath(path);
  if (entry.isDirectory()) return `${name}/`;
  if (entry.isSymbolicLink()) {
    const target = await readlink(folder.at(entry.name)).catch(() => '?');
    return `${name} -> ${formatPath(target)}`;
  }
  if (!entry.isFile()) return `${name} (not a regular file)`;
  const size = await lstat(folder.at(entry.name)).then(
    (stats) => `${stats.size}`,
    () => '?',
  );
  return `${name} ${size}`;
}
