import type { Attachment } from '@it0/contracts/attachment';
import type { BridgeHealth, DurableReport, EphemeralReport, TaskRequest } from '@it0/contracts/bridge';

/** A durable report before the outbox has numbered it. */
export type UnnumberedReport = DurableReport extends infer R ? (R extends { n: number } ? Omit<R, 'n'> : never) : never;
/** A report as an engine makes it. */
export type NewReport = UnnumberedReport | EphemeralReport;
/** The report that ends a task. */
export type End = Extract<UnnumberedReport, { type: 'completed' | 'error' }>;

/** A file attached to a task. It is on disk as long as the task runs. */
export type TaskFile = Attachment & { path: string };

/** The reason a run is stopped early: a user cancelled it, its deadline passed, or the server dropped the task. */
export type StopReason = 'cancelled' | 'deadline' | 'abandoned';

/** One task as an engine gets it. */
export type Run = {
  task: TaskRequest;
  /**
   * The task's attachments, downloaded and verified. An engine that does not support one ends the task with an error
   * before it sends anything.
   */
  files: TaskFile[];
  /** True if an earlier process accepted the task: the agent may have it already, and must not get it twice. */
  isResumed: boolean;
  /** True if the task was reported as running, possibly by an earlier process. */
  hasStarted: boolean;
  /** Sends a report to the server. The end of the task is the result of `run` instead. */
  report(report: NewReport): void;
  /** Aborts to stop the run. Its reason is a `StopReason`. */
  signal: AbortSignal;
};

/** The agent behind a bridge. It starts when it is created, and accepts tasks before it is ready. */
export type Engine = AsyncDisposable & {
  health(): BridgeHealth;
  /** Runs one task, across restarts of the agent. Resolves with undefined if the engine is closed before the end. */
  run(run: Run): Promise<End | undefined>;
};

/**
 * Returns the end of a run that a restart interrupted, for an engine that cannot recover it. The run is not repeated,
 * so that a task never has two replies.
 */
export const toInterruptedEnd = (text = ''): End => ({
  type: 'error',
  status: 'FAILED',
  reason: 'AGENT_ERROR',
  detail:
    'The bridge restarted while the agent was replying, and the rest of the reply was lost. Send the message again.',
  text,
});

/** Returns the end of a run that was stopped. `text` is the reply so far, `detail` the likely cause of a timeout. */
export function toStoppedEnd(signal: AbortSignal, text: string, detail?: string): End {
  return signal.reason === 'deadline'
    ? { type: 'error', status: 'TIMED_OUT', reason: 'DEADLINE_EXCEEDED', detail, text }
    : { type: 'error', status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text };
}
