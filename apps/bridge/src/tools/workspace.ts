import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where one person's tasks work: a folder of their own, and one that everybody who uses the agent reads. */
export type Workspace = {
  /** Absolute, without symbolic links. */
  root: string;
  shared: string;
  isSharedWritable: boolean;
};
type Options = {
  /** The bridge's folder. */
  dir: string;
  userId: string;
  isSharedWritable: boolean;
  /** Whose the folders are, where commands run as another account than the bridge. */
  account: number | null;
};

/** Opens the workspace of a person in a bridge's folder. It is made if it is not there. */
export function openWorkspace({ dir, userId, isSharedWritable, account }: Options): Workspace {
  const root = join(dir, 'workspaces', userId);
  const shared = join(dir, 'shared');
  for (const folder of [root, shared]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (account !== null) chownSync(folder, account, account);
  }
  return { root, shared, isSharedWritable };
}
