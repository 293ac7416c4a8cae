import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ApprovalOutcome, ApprovalRequest, Tool, ToolCall, ToolResult } from '../tools/tool.ts';
import { openWorkspace, type WorkspaceOptions } from '../tools/workspace.ts';

type Decision = ApprovalOutcome['status'];
type Options = {
  isSharedWritable?: boolean;
  diskFloorMb?: number;
  decide?: (request: ApprovalRequest) => Decision | Promise<Decision>;
};

/** Opens a user's workspace in a folder. */
export const openTestWorkspace = (dir: string, overrides: Partial<WorkspaceOptions> = {}) =>
  openWorkspace({ dir, userId: 'user', isSharedWritable: false, engineFolders: [], account: null, ...overrides });

/** Creates a user's workspace in a temporary folder, which is deleted when disposed, and runs tools in it. */
export function testWorkspace({ isSharedWritable = false, diskFloorMb, decide = () => 'DENIED' }: Options = {}) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'workspace-')));
  const workspace = openTestWorkspace(dir, { isSharedWritable, diskFloorMb, engineFolders: [join(dir, 'engine')] });
  const requests: ApprovalRequest[] = [];
  const call: ToolCall = {
    workspace,
    signal: new AbortController().signal,
    progress: () => {},
    async requestApproval(request) {
      requests.push(request);
      return { approvalId: randomUUID(), status: await decide(request) };
    },
  };
  return {
    dir,
    workspace,
    /** The approvals requested so far. */
    requests,
    call,
    path: (path: string) => join(workspace.root, path),
    put(path: string, content: string | Uint8Array = '') {
      mkdirSync(dirname(join(workspace.root, path)), { recursive: true });
      writeFileSync(join(workspace.root, path), content);
    },
    read: (path: string) => readFileSync(join(workspace.root, path), 'utf8'),
    /** Calls a tool with the model's arguments, which its schema validates. */
    async run(tool: Tool, input: object, other: Partial<ToolCall> = {}): Promise<ToolResult> {
      return tool.run(tool.input.parse(input), { ...call, ...other });
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true, maxRetries: 5 }),
  };
}
