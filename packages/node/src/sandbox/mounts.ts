import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { SandboxSpec } from './sandbox.ts';

type MountKind = 'hidden' | 'temporary' | 'readable' | 'writable';

/**
 * A mount inside the sandbox: an empty folder or file, a new temporary folder, or the path of the same name outside.
 */
export type Mount = {
  path: string;
  kind: MountKind;
  isFolder: boolean;
  /** The folders to create between an empty mount above and this one, the outermost first. */
  parents: string[];
};

/** Size of each temporary folder, which is in memory. */
export const TEMPORARY_BYTES = 512 * 1024 * 1024;

const TEMPORARY = ['/tmp', '/var/tmp'];
/** Folders with sockets of services (Docker, D-Bus, SSH agents) and with users' keys. */
const HIDDEN = ['/run', '/home', '/root'];
/** Returns whether programs need a folder. Such a folder is not hidden if it is the home of an account. */
const isSystemFolder = (path: string) =>
  /^\/(?:$|var$|opt$|srv$|(?:usr|bin|sbin|lib\w*|etc|dev|proc|sys)(?:\/|$))/.test(path);

/**
 * Lists the mounts of a sandbox, parents first, so that a folder below a hidden one is visible. If a path is listed
 * twice, writable wins over readable and readable over hidden. With `isAccount` root starts the sandbox for an account,
 * and parents that other accounts may not enter are replaced by empty ones.
 */
export function listMounts(spec: SandboxSpec, isAccount: boolean): Mount[] {
  const kinds = new Map<string, MountKind>();
  const readable = [...resolve(NEEDED), ...(spec.readable ?? []).map((path) => realpathSync(path))];
  const writable = spec.writable.map((path) => realpathSync(path));
  const closed = isAccount ? [...readable, ...writable].flatMap(listClosed) : [];
  const homes = [...HIDDEN, homedir()].filter((path) => !isSystemFolder(path));
  for (const path of resolve([...homes, ...closed, ...spec.hidden])) kinds.set(path, 'hidden');
  for (const path of resolve(TEMPORARY)) kinds.set(path, 'temporary');
  for (const path of readable) kinds.set(path, 'readable');
  for (const path of writable) kinds.set(path, 'writable');
  const mounts = new Map<string, Mount>();
  for (const [path, kind] of [...kinds].sort(([a], [b]) => a.split('/').length - b.split('/').length)) {
    const { parents, isInEmpty } = findParents(path, mounts);
    if (kind === 'hidden' && isInEmpty) continue;
    mounts.set(path, { path, kind, isFolder: statSync(path).isDirectory(), parents });
  }
  return [...mounts.values()];
}

/**
 * Paths that are always readable: the folder of Node, and the resolver's configuration, which may be a link into
 * `/run`.
 */
const NEEDED = [dirname(process.execPath), '/etc/resolv.conf'];

const resolve = (paths: string[]) => paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));

/** Lists the parents of a path that other accounts may not enter. */
const listClosed = (path: string): string[] =>
  path === '/' ? [] : [...listClosed(dirname(path)), ...(statSync(dirname(path)).mode & 1 ? [] : [dirname(path)])];

/** Returns whether a path is below an empty mount, and the folders between them. */
function findParents(path: string, mounts: Map<string, Mount>): { parents: string[]; isInEmpty: boolean } {
  const parents: string[] = [];
  for (let above = dirname(path); above !== '/'; above = dirname(above)) {
    const kind = mounts.get(above)?.kind;
    if (kind === 'hidden' || kind === 'temporary') return { parents, isInEmpty: true };
    if (kind) break;
    parents.unshift(above);
  }
  return { parents: [], isInEmpty: false };
}
