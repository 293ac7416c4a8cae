import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where one person's tasks work: a folder of their own, and one that everybody who uses the agent reads. */
export type Workspace = {
  /** Absolute, without symbolic links. */
  root: string;
  shared: string;
  isSharedWritable: boolean;
};

/** The workspace of a person in a bridge's folder, made if it is not there. */
export function openWorkspace(dir: string, userId: string, isSharedWritable: boolean): Workspace {
  const root = join(dir, 'workspaces', userId);
  const shared = join(dir, 'shared');
  for (const folder of [root, shared]) mkdirSync(folder, { recursive: true, mode: 0o700 });
  return { root, shared, isSharedWritable };
}
