import { escapeInvisible, invisible } from '@it0/contracts/invisible';
import type { Workspace } from '../workspace.ts';

/** An error whose message tells the model why a file tool refused a call. */
export class Refusal extends Error {}

type Folders = Pick<Workspace, 'root' | 'shared' | 'isSharedWritable'>;

/** A path in the workspace or the shared folder. Links are not resolved. */
export type WorkspacePath = {
  /** The path of the workspace or the shared folder. */
  base: string;
  /** The path's components below `base`. */
  names: string[];
  isWritable: boolean;
};

/** The name of the shared folder in paths relative to the workspace. */
export const SHARED = 'shared';
const MAX_PATH_LENGTH = 4_000;

/** Characters that a person cannot see in a name, and leading or trailing spaces. */
const DECEPTIVE_NAME = new RegExp(`${invisible.source}|[\\t\\n]|^ | $`, 'u');

/** Parses a path without access to the disk. Throws a `Refusal` for a path that leads out of the workspace. */
export function parsePath(workspace: Folders, path: string): WorkspacePath {
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

const place = (workspace: Folders, names: string[]): WorkspacePath =>
  names[0] === SHARED ? sharedPlace(workspace, names.slice(1)) : { base: workspace.root, names, isWritable: true };
const sharedPlace = ({ shared, isSharedWritable }: Folders, names: string[]): WorkspacePath => ({
  base: shared,
  names,
  isWritable: isSharedWritable,
});

function namesBelow(base: string, names: string[]) {
  const above = base.split('/').filter((name) => name !== '');
  return above.every((name, index) => names[index] === name) ? names.slice(above.length) : undefined;
}

export const toAbsolutePath = ({ base, names }: WorkspacePath) => [base, ...names].join('/');

/** Returns `place`. Throws a `Refusal` for a path that can only be a folder's. */
export function requireFilePath(place: WorkspacePath, path: string): WorkspacePath {
  if (place.names.length === 0 || /\/\.?$/.test(path)) throw new Refusal(`${formatPath(path)} is a folder.`);
  return place;
}

/** Throws a `Refusal` for a place in a read-only folder or with a deceptive name. */
export function requireWritable({ names, isWritable }: WorkspacePath) {
  if (!isWritable) throw new Refusal('The shared folder is read-only. Write to the workspace instead.');
  if (names.some((name) => DECEPTIVE_NAME.test(name)))
    throw new Refusal('The path has characters that cannot be seen, or spaces around a name. Choose another name.');
}

/** Formats a name or path for reading, on one line. A deceptive one is quoted and escaped as in JSON. */
export const formatPath = (path: string) =>
  DECEPTIVE_NAME.test(path) || /["\\]/.test(path) ? escapeInvisible(JSON.stringify(path)) : path;
