import type { Attachment } from '@it0/contracts/attachment';
import type { BridgeHealth, DurableReport, EphemeralReport, TaskRequest } from '@it0/contracts/bridge';

/** A durable report before the outbox has numbered it. */
export type Unnumbered = DurableReport extends infer R ? (R extends { n: number } ? Omit<R, 'n'> : never) : never;
export type NewReport = Unnumbered | EphemeralReport;
/** The report that ends a task. */
export type End = Extract<Unnumbered, { type: 'completed' | 'error' }>;

/** A file that comes with a task, on disk for as long as the task runs. */
export type TaskFile = Attachment & { path: string };

/** Why a run is stopped before its end: a person cancelled it, its time is over, or the server no longer wants it. */
export type StopReason = 'cancelled' | 'deadline' | 'gone';

export type Run = {
  task: TaskRequest;
  /** What comes with it, fetched and checked. An engine that cannot take one ends the task with why, before it sends anything. */
  files: TaskFile[];
  /** The task was accepted before this process started: the agent may have it already, and must not get it twice. */
  resumed: boolean;
  /** It was reported as running, to an earlier process too. */
  begun: boolean;
  /** Takes what happens, but for the end, which `run` returns. */
  report(report: NewReport): void;
  /** Stops the run; its reason is a `StopReason`. */
  signal: AbortSignal;
};

/** What does a bridge's tasks. It starts when it is made, and tasks may come before it is ready. */
export type Engine = {
  health(): BridgeHealth;
  /** Does one task, across restarts of whatever is behind it. Undefined: the engine was closed before the end. */
  run(run: Run): Promise<End | undefined>;
  close(): Promise<void>;
};

/** How a run ends that was begun before a restart, of an engine that cannot find it again: there are never two replies. */
export const interruptedByRestart = (text = ''): End => ({
  type: 'error',
  status: 'FAILED',
  reason: 'AGENT_ERROR',
  detail: 'The bridge was restarted while the agent was answering, and the rest of the reply is lost. Ask again.',
  text,
});

/** How a run ends that was stopped, with the reply so far, and what held it up when its time ran out. */
export function stopped(signal: AbortSignal, text: string, detail?: string): End {
  return signal.reason === 'deadline'
    ? { type: 'error', status: 'TIMED_OUT', reason: 'DEADLINE_EXCEEDED', detail, text }
    : { type: 'error', status: 'CANCELLED', reason: 'CANCELLED_BY_USER', text };
}
