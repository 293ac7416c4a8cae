import type { Approvals } from '../approvals.ts';
import type { Run } from '../engines/engine.ts';
import type { Workspace } from './workspace.ts';

/** The part of a running task that tool calls need. */
export type ToolTask = {
  taskId: string;
  workspace: Workspace;
  approvals: Approvals;
  /** The longest time an approval may stay pending. */
  approvalMs: number;
  report: Run['report'];
  /** Resolves with a call's offset in the reply's text, in UTF-16 units, once the text before it is known. */
  textOffset(callId: string): Promise<number>;
  /** The running calls. */
  calls: Set<Promise<unknown>>;
  /** Returns the milliseconds until the task's timeout. */
  remainingMs(): number;
  /** Stops the calls. With `BRIDGE_CLOSED` as its reason their approvals stay pending. */
  signal: AbortSignal;
};
