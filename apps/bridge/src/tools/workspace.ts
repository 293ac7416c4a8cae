import { chownSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { measureFreeSpace } from '@it0/node/free-space';

/** The folders of a user's tasks: their own, and one that all users of the agent share. */
export type Workspace = {
  /** Absolute, without symbolic links. */
  root: string;
  shared: string;
  isSharedWritable: boolean;
  /** The folders that the agent can write to in a task of this user, or could when the shared folder was writable. */
  taskFolders: string[];
  /** The folders that it can write to in the tasks of all users, and those that its engine can write to. */
  agentFolders: string[];
  /** Creates its folders if missing: an agent that tidies up may have removed them. */
  create(): void;
  /** Throws an error for the model when the free space is reserved for the database and the machine. */
  requireSpace(): Promise<void>;
};
export type WorkspaceOptions = {
  /** The bridge's folder. */
  dir: string;
  userId: string;
  isSharedWritable: boolean;
  /** The folders that the engine's own processes can write to. */
  engineFolders: string[];
  /** The owner of the folders, where commands run as another account than the bridge; null otherwise. */
  account: number | null;
  /** The space in MB that agents leave free; see `measureFreeSpace` for the default. */
  diskFloorMb?: number;
};

/** Opens a user's workspace in a bridge's folder, and creates its folders if missing. */
export function openWorkspace(options: WorkspaceOptions): Workspace {
  const { dir, userId, isSharedWritable, engineFolders, account, diskFloorMb } = options;
  const workspaces = join(dir, 'workspaces');
  const root = join(workspaces, userId);
  const shared = join(dir, 'shared');
  function create() {
    for (const folder of [root, shared]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 });
      if (account !== null) chownSync(folder, account, account);
    }
  }
  const requireSpace = async () => {
    const { isLow, freeMb, floorMb } = await measureFreeSpace(root, diskFloorMb);
    if (isLow)
      throw new Error(
        `The disk is almost full: ${freeMb} MB are free, and agents must leave ${floorMb} MB. No command runs and no ` +
          'file is written until there is more space. Tell the user.',
      );
  };
  create();
  return {
    ...{ root, shared, isSharedWritable, create, requireSpace },
    taskFolders: [root, shared],
    agentFolders: [workspaces, shared, ...engineFolders],
  };
}
