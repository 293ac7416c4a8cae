import { type Dirent, opendirSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Workspace } from '../workspace.ts';
import { findNamedPaths, importsFromFolder, runsNamedFile } from './command-paths.ts';
import { classifyPath } from './protected-paths.ts';

const MAX_ENTRIES = 20_000;
/** The number of entries after which the search yields to the event loop. */
const YIELD_ENTRIES = 500;

/**
 * Returns whether a file that the agent could have written can change what a command does: configuration in the
 * command's folder, above it or below it, or a program that the command runs. The paths that the command names are
 * searched likewise. The agent can write to the workspace, and to the shared folder if that is writable. Returns true
 * when a folder cannot be searched.
 */
export async function hasAgentConfiguration(workspace: Workspace, cwd: string, command = ''): Promise<boolean> {
  const bases = [workspace.root, ...(workspace.isSharedWritable ? [workspace.shared] : [])];
  try {
    return await new Search(bases, command).run(await realpath(cwd));
  } catch {
    return true;
  }
}

class Search {
  readonly #bases: string[];
  readonly #command: string;
  readonly #isImporting: boolean;
  /** The folders to search recursively. */
  readonly #folders = new Set<string>();
  /** Their parent folders, to search without subfolders. */
  readonly #above = new Set<string>();
  #entries = 0;

  constructor(bases: string[], command: string) {
    this.#bases = bases;
    this.#command = command;
    this.#isImporting = importsFromFolder(command);
  }

  async run(cwd: string): Promise<boolean> {
    this.#add(cwd);
    const named = findNamedPaths(this.#command);
    if (!named) for (const base of this.#bases) this.#add(base);
    for (const path of named ?? []) if (await this.#addNamed(resolve(cwd, path))) return true;
    // A loop over a set also visits the elements that are added during it.
    for (const folder of this.#folders) if (await this.#isFoundIn(folder, true)) return true;
    for (const folder of this.#above) if (await this.#isFoundIn(folder, false)) return true;
    return false;
  }

  #baseOf(path: string) {
    return this.#bases.find((base) => isIn(path, base));
  }

  /** Adds a folder of the agent's with its parents, or the agent's folders below any other folder. */
  #add(folder: string) {
    const base = this.#baseOf(folder);
    if (!base) for (const below of this.#bases.filter((base) => isIn(base, folder))) this.#folders.add(below);
    else {
      this.#folders.add(folder);
      for (let above = folder; above !== base; this.#above.add(above)) above = dirname(above);
    }
  }

  /**
   * Adds the folder of a path that the command names. Returns true when the path is a program that the command may run.
   */
  async #addNamed(path: string): Promise<boolean> {
    const real = await realpath(path).catch(() => undefined);
    if (!real) return false;
    const found = await stat(real);
    if (found.isDirectory()) this.#add(real);
    else if (this.#baseOf(real)) {
      this.#add(dirname(real));
      return (found.mode & 0o111) !== 0 || isProgram(real) || runsNamedFile(this.#command);
    }
    return false;
  }

  /** Adds the target of a link, since commands follow links. Throws for a broken link. */
  async #addLinked(path: string) {
    const real = await realpath(path);
    this.#add((await stat(real)).isDirectory() ? real : dirname(real));
  }

  async #isFoundIn(folder: string, isDeep: boolean): Promise<boolean> {
    const base = this.#baseOf(folder)!;
    // Synchronous reads: awaiting each entry would take most of the time.
    using dir = opendirSync(folder, { bufferSize: 256 });
    for (let entry = dir.readSync(); entry; entry = dir.readSync()) {
      this.#entries += 1;
      if (this.#entries % YIELD_ENTRIES === 0) await setImmediate();
      const path = join(folder, entry.name);
      if (this.#entries > MAX_ENTRIES || this.#isConfiguration(relative(base, path), entry)) return true;
      if (isDeep && entry.isDirectory()) this.#folders.add(path);
      if (isDeep && entry.isSymbolicLink()) await this.#addLinked(path);
    }
    return false;
  }

  #isConfiguration(path: string, entry: Dirent): boolean {
    if (entry.isDirectory()) return classifyPath(`${path}/`) !== 'free';
    return classifyPath(path) !== 'free' || (this.#isImporting && isProgram(path));
  }
}

const isIn = (path: string, folder: string) => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

const isProgram = (path: string) =>
  /\.(?:[cm]?[jt]sx?|pyw?|rb|pl|pm|php|lua|r|jl|tcl|sh|bash|zsh|ksh|fish|csh|ps1|awk|sed|jar|class|groovy)$/i.test(
    path,
  );
