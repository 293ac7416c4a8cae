import { type Dirent, opendirSync } from 'node:fs';
import { realpath, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { CommandFiles } from './command-paths.ts';
import { classifyPath } from './protected-paths.ts';

const MAX_ENTRIES = 20_000;
/** The number of paths that are looked up for a command. */
const MAX_LOOKUPS = 2_000;
/** The number of entries after which the search yields to the event loop. */
const YIELD_ENTRIES = 500;

/**
 * Returns whether a file that the agent could have written can change what a command does: configuration in the
 * command's folder, above it or below it, or a program that the command runs. The paths that the command names are
 * searched likewise, also from the folders that it may change to. `folders` are those that the agent can write to.
 * Returns true when that cannot be searched, as for a command with too many words.
 */
export async function hasAgentConfiguration(
  folders: string[],
  cwd: string,
  command: CommandFiles | undefined,
): Promise<boolean> {
  if (!command) return true;
  const bases = await Promise.all(folders.map(findReal));
  try {
    const search = new Search(
      bases.filter((base) => base !== undefined),
      command,
    );
    return await search.run(await realpath(cwd));
  } catch {
    return true;
  }
}

const findReal = (path: string) => realpath(path).catch(() => undefined);

class Search {
  readonly #bases: string[];
  readonly #command: CommandFiles;
  /** The folders to search recursively. */
  readonly #folders = new Set<string>();
  /** The parent folders of these, to search without subfolders. */
  readonly #parents = new Set<string>();
  #entries = 0;

  constructor(bases: string[], command: CommandFiles) {
    this.#bases = bases;
    this.#command = command;
  }

  async run(cwd: string): Promise<boolean> {
    this.#add(cwd);
    const { paths } = this.#command;
    if (paths && (await this.#isProgramNamed(cwd, paths))) return true;
    // A command whose paths are unknown may use any of the agent's folders.
    if (!paths) for (const base of this.#bases) this.#add(base);
    // A loop over a set also visits the elements that are added during it.
    for (const folder of this.#folders) if (await this.#isFoundIn(folder, true)) return true;
    for (const folder of this.#parents) if (await this.#isFoundIn(folder, false)) return true;
    return false;
  }

  #findBase(path: string) {
    return this.#bases.find((base) => isIn(path, base));
  }

  /** Adds a folder in the agent's folders and its parents, or the agent's folders below another folder. */
  #add(folder: string) {
    const base = this.#findBase(folder);
    if (!base) for (const below of this.#bases.filter((base) => isIn(base, folder))) this.#folders.add(below);
    else {
      this.#folders.add(folder);
      for (let parent = folder; parent !== base; this.#parents.add(parent)) parent = dirname(parent);
    }
  }

  /**
   * Adds the folders that the command names: from its folder, and from each of them, since it may change to them.
   * Returns true when it names a program that it may run.
   */
  async #isProgramNamed(cwd: string, paths: Set<string>): Promise<boolean> {
    const { runsFiles } = this.#command;
    const folders = new Set([cwd]);
    const seen = new Set<string>();
    // A loop over a set also visits the elements that are added during it.
    for (const folder of folders)
      for (const path of [...paths].flatMap((path) => resolvePath(folder, path))) {
        if (seen.has(path)) continue;
        if (seen.add(path).size > MAX_LOOKUPS) throw new Error('The command names too many paths.');
        const real = await findReal(path);
        if (real === undefined) continue;
        const stats = await stat(real);
        if (stats.isDirectory()) folders.add(real);
        else if (this.#findBase(real)) {
          this.#add(dirname(real));
          if (runsFiles || (stats.mode & 0o111) !== 0 || isProgram(real)) return true;
        }
      }
    for (const folder of folders) this.#add(folder);
    return false;
  }

  /** Adds the target of a link, since commands follow links. Throws for a broken link. */
  async #addLinked(path: string) {
    const real = await realpath(path);
    this.#add((await stat(real)).isDirectory() ? real : dirname(real));
  }

  async #isFoundIn(folder: string, isDeep: boolean): Promise<boolean> {
    const base = this.#findBase(folder)!;
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
    return classifyPath(path) !== 'free' || (this.#command.imports && isProgram(path));
  }
}

/** Resolves a path as a shell does, where `..` removes a name, and as the kernel does, which follows links. */
const resolvePath = (folder: string, path: string) => [
  resolve(folder, path),
  ...(path.includes('..') ? [path.startsWith('/') ? path : `${folder}/${path}`] : []),
];

const isIn = (path: string, folder: string) => path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);

const isProgram = (path: string) =>
  /\.(?:[cm]?[jt]sx?|pyw?|rb|pl|pm|php|lua|r|jl|tcl|sh|bash|zsh|ksh|fish|csh|ps1|awk|sed|jar|class|groovy)$/i.test(
    path,
  );
