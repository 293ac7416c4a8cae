import { escapeInvisible, INVISIBLE } from '@it0/contracts/invisible';
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
const DECEPTIVE_NAME = new RegExp(`${INVISIBLE.source}|[\\t\\n]|^ | $`, 'u');

/** Parses a path without access to the disk. Throws a `Refusal` for a path that leads out of the workspace. */
export function parsePath(workspace: Folders, path: string): WorkspacePath {
  if (path === '') throw new Refusal('The path is empty.');
  if (path.length > MAX_PATH_LENGTH) throw new Refusal('The path is too long.');
  if (path.includes('\0') || !path.isWellFormed()) throw new Refusal('The path has invalid characters.');
  if (/^~/.test(path)) throw new Refusal('Paths with ~ are not supported. Write the path relative to the workspace.');
  if (/^[a-z][a-z\d+.-]*:\/\//i.test(path)) throw new Refusal('This is a URL and not a path.');
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  if (names.includes('..'))
    throw new Refusal('Paths with ".." are not supported. Write the path relative to the workspace.');
  if (!path.startsWith('/')) return toWorkspacePath(workspace, names);
  const inShared = stripBase(workspace.shared, names);
  if (inShared) return toSharedPath(workspace, inShared);
  const inRoot = stripBase(workspace.root, names);
  if (inRoot) return toWorkspacePath(workspace, inRoot);
  throw new Refusal(
    `File tools can access only the workspace (${workspace.root}) and "${SHARED}/". For anything else, run a command.`,
  );
}

const toWorkspacePath = (workspace: Folders, names: string[]): WorkspacePath =>
  names[0] === SHARED ? toSharedPath(workspace, names.slice(1)) : { base: workspace.root, names, isWritable: true };

const toSharedPath = ({ shared, isSharedWritable }: Folders, names: string[]): WorkspacePath => ({
  base: shared,
  names,
  isWritable: isSharedWritable,
});

/** Returns the names below `base`; undefined for a path that is not in it. */
function stripBase(base: string, names: string[]) {
  const baseNames = base.split('/').filter((name) => name !== '');
  return baseNames.every((name, index) => names[index] === name) ? names.slice(baseNames.length) : undefined;
}

export const toAbsolutePath = ({ base, names }: WorkspacePath) => [base, ...names].join('/');

/** Returns `parsed`. Throws a `Refusal` for a path that can only be a folder's. */
export function requireFilePath(parsed: WorkspacePath, path: string): WorkspacePath {
  if (parsed.names.length === 0 || /\/\.?$/.test(path)) throw new Refusal(`${formatPath(path)} is a folder.`);
  return parsed;
}

/** Throws a `Refusal` for a path in a read-only folder or with a deceptive name. */
export function requireWritable({ names, isWritable }: WorkspacePath) {
  if (!isWritable) throw new Refusal('The shared folder is read-only. Write to the workspace instead.');
  if (names.some((name) => DECEPTIVE_NAME.test(name)))
    throw new Refusal('The path has invisible characters, or spaces around a name. Choose another name.');
}

/** Formats a name or path for reading, on one line. A deceptive one is quoted and escaped as in JSON. */
export const formatPath = (path: string) =>
  DECEPTIVE_NAME.test(path) || /["\\]/.test(path) ? escapeInvisible(JSON.stringify(path)) : path;
