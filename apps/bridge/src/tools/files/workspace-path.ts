import type { Workspace } from '../workspace.ts';

/** An error whose message tells the model why a file tool refused a call. */
export class Refusal extends Error {}

type Folders = Pick<Workspace, 'root' | 'shared' | 'isSharedWritable'>;

/** A path in the workspace or the shared folder. Links are not resolved. */
export type Place = {
  /** The path of the workspace or the shared folder. */
  base: string;
  /** The path's components below `base`. */
  names: string[];
  isWritable: boolean;
};

/** The name of the shared folder in paths relative to the workspace. */
export const SHARED = 'shared';
const MAX_PATH_LENGTH = 4_000;

/**
 * Characters that a person cannot see: control and format characters, line separators, and leading or trailing spaces.
 */
const deceptive = /[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Zl}\p{Zp}]|(?! )\p{Zs}|^ | $/u;

/** Parses a path without access to the disk. Throws a `Refusal` for a path that leads out of the workspace. */
export function parsePath(workspace: Folders, path: string): Place {
  if (path === '') throw new Refusal('The path is empty.');
  if (path.length > MAX_PATH_LENGTH) throw new Refusal('The path is too long.');
  if (path.includes('\0') || !path.isWellFormed()) throw new Refusal('The path has characters that no path has.');
  if (/^~/.test(path)) throw new Refusal('A path with ~ is not used. Write it relative to the workspace.');
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path)) throw new Refusal('That is an address and not a path of a file.');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..')) throw new Refusal('A path with ".." is not used. Write it relative to the workspace.');
  if (!path.startsWith('/')) return place(workspace, names);
  const inShared = namesBelow(workspace.shared, names);
  if (inShared) return sharedPlace(workspace, inShared);
  const inRoot = namesBelow(workspace.root, names);
  if (inRoot) return place(workspace, inRoot);
  throw new Refusal(
    `The file tools reach only the workspace (${workspace.root}) and "${SHARED}/". For anything else, run a command.`,
  );
}

const place = (workspace: Folders, names: string[]): Place =>
  names[0] === SHARED ? sharedPlace(workspace, names.slice(1)) : { base: workspace.root, names, isWritable: true };
const sharedPlace = ({ shared, isSharedWritable }: Folders, names: string[]): Place => ({
  base: shared,
  names,
  isWritable: isSharedWritable,
});

function namesBelow(base: string, names: string[]) {
  const above = base.split('/').filter((name) => name !== '');
  return above.every((name, index) => names[index] === name) ? names.slice(above.length) : undefined;
}

export const absolutePath = ({ base, names }: Place) => [base, ...names].join('/');

/** Returns `place`. Throws a `Refusal` for a path that can only be a folder's. */
export function requireFilePath(place: Place, path: string): Place {
  if (place.names.length === 0 || /\/\.?$/.test(path)) throw new Refusal(`${formatPath(path)} is a folder.`);
  return place;
}

/** Throws a `Refusal` for a place in a read-only folder or with a deceptive name. */
export function requireWritable({ names, isWritable }: Place) {
  if (!isWritable) throw new Refusal('The shared folder is read-only. Write to the workspace instead.');
  if (names.some((name) => deceptive.test(name)))
    throw new Refusal('The path has characters that cannot be seen, or spaces around a name. Choose another name.');
}

/** Formats a name or path for reading, on one line. A deceptive one is quoted and escaped as in JSON. */
export const formatPath = (path: string) =>
  deceptive.test(path) || /["\\\uFFFD]/.test(path) || !path.isWellFormed()
    ? JSON.stringify(path).replace(/[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/gu, escapeUnits)
    : path;

const escapeUnits = (character: string) =>
  Array.from({ length: character.length }, (_, index) => character.charCodeAt(index))
    .map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`)
    .join('');
