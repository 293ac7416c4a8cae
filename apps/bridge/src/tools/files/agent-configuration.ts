import type { Workspace } from '../workspace.ts';
export async function hasAgentConfiguration(_w: Workspace, _cwd: string, _c?: string): Promise<boolean> {
  return false;
}
