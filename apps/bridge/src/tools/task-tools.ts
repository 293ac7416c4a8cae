import type { Approvals } from '../approvals.ts';
import type { Run } from '../engines/engine.ts';
import type { Workspace } from './workspace.ts';

/** What a running task lends to the tools that its agent calls. */
export type ToolTask = {
  taskId: string;
  workspace: Workspace;
  approvals: Approvals;
  /** How long an approval waits at most. */
  approvalMs: number;
  report: Run['report'];
  /** Resolves with where in the reply's text a call stands, as soon as the text before it is known. */
  textOffset(callId: string): Promise<number>;
  /** The calls that have not ended. */
  calls: Set<Promise<unknown>>;
  /** Milliseconds the task may still take. */
  remainingMs(): number;
  /** Stops the calls; `bridgeClosed` as its reason leaves approvals waiting. */
  signal: AbortSignal;
};
