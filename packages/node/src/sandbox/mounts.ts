import { existsSync, realpathSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname } from 'node:path';
import type { SandboxSpec } from './sandbox.ts';

type Kind = 'hidden' | 'temporary' | 'readable' | 'writable';

/** What is seen at a path: nothing, an empty place for temporary files, or what is there. */
export type Mount = {
  path: string;
  kind: Kind;
  isFolder: boolean;
  /** The folders between the empty one that it is below and itself, the outermost first. */
  parents: string[];
};

/** How much of the memory temporary files may take, in bytes. */
export const TEMPORARY_BYTES = 512 * 1024 * 1024;

const TEMPORARY = ['/tmp', '/var/tmp'];
/** Sockets of whatever runs on this machine (docker, dbus, agents), and people's keys. */
const HIDDEN = ['/run', '/home', '/root'];
/** Some accounts live in folders that nothing works without. */
const isSystemFolder = (path: string) =>
  /^\/(?:$|var$|opt$|srv$|(?:usr|bin|sbin|lib\w*|etc|dev|proc|sys)(?:\/|$))/.test(path);

/**
 * Lists what is mounted where, parents first, so that a folder below a hidden one is shown again. Where one is named
 * twice, writable comes before readable and that before hidden. `isAccount`: root starts it for an account, which enters
 * no more folders than anybody.
 */
export function listMounts(spec: SandboxSpec, isAccount: boolean): Mount[] {
  const kinds = new Map<string, Kind>();
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
    const { parents, isInEmpty } = findPlace(path, mounts);
    if (kind === 'hidden' && isInEmpty) continue;
    mounts.set(path, { path, kind, isFolder: statSync(path).isDirectory(), parents });
  }
  return [...mounts.values()];
}

/** The Node that runs everything, and the resolver's file, which may be a link to below `/run`. */
const NEEDED = [dirname(process.execPath), '/etc/resolv.conf'];

const resolve = (paths: string[]) => paths.filter((path) => existsSync(path)).map((path) => realpathSync(path));

/** Lists the folders above a path that not everybody may enter. */
const listClosed = (path: string): string[] =>
  path === '/' ? [] : [...listClosed(dirname(path)), ...(statSync(dirname(path)).mode & 1 ? [] : [dirname(path)])];

/** Finds out whether a path is below an empty folder, and what is between them. */
function findPlace(path: string, mounts: Map<string, Mount>): { parents: string[]; isInEmpty: boolean } {
  const parents: string[] = [];
  for (let above = dirname(path); above !== '/'; above = dirname(above)) {
    const kind = mounts.get(above)?.kind;
    if (kind === 'hidden' || kind === 'temporary') return { parents, isInEmpty: true };
    if (kind) break;
    parents.unshift(above);
  }
  return { parents: [], isInEmpty: false };
}
