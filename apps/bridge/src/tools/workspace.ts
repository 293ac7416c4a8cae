import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** The folders of a user's tasks: their own, and one that all users of the agent share. */
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
  /** The owner of the folders, where commands run as another account than the bridge; null otherwise. */
  account: number | null;
};

/** Opens a user's workspace in a bridge's folder, and creates its folders if missing. */
export function openWorkspace({ dir, userId, isSharedWritable, account }: Options): Workspace {
  const root = join(dir, 'workspaces', userId);
  const shared = join(dir, 'shared');
  for (const folder of [root, shared]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    if (account !== null) chownSync(folder, account, account);
  }
  return { root, shared, isSharedWritable };
}
