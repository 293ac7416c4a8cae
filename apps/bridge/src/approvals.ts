import { createHash, randomUUID } from 'node:crypto';
import { type ApprovalDecision, type ApprovalStatus, approvalSubject } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import { openApprovalStore } from './approval-store.ts';
import type { Run } from './engines/engine.ts';
import type { ApprovalRequest } from './tools/tool.ts';

export type AskOptions = ApprovalRequest & {
  taskId: string;
  callId: string;
  textOffset: number;
  expiresInMs: number;
  report: Run['report'];
  /** Withdraws the approval, unless its reason is `bridge closed`: then it waits for the next process of the bridge. */
  signal: AbortSignal;
};
type Settled = Exclude<ApprovalStatus, 'PENDING'>;
export type Approvals = ReturnType<typeof createApprovals>;

/** Why calls are stopped when the bridge is. */
export const bridgeClosed = 'bridge closed';

/** What waits for a decision, and what was decided. An approval is bound to one task and to the digest of what it allows. */
export function createApprovals(dir: string) {
  const store = openApprovalStore(dir);
  const waiting = new Map<string, (status: Settled) => void>();
  /** What is over although the disk refused to record it. */
  const unrecorded = new Set<string>();

  function open({ taskId, expiresInMs }: AskOptions, digest: string) {
    const before = store.findOpen(taskId, digest);
    if (before && !waiting.has(before.id) && !unrecorded.has(before.id)) return before;
    const approval = {
      id: randomUUID(),
      taskId,
      status: 'PENDING' as const,
      expiresAt: Math.round(Date.now() + expiresInMs),
    };
    store.insert(approval, digest);
    return approval;
  }

  async function wait(id: string, leftMs: number, signal: AbortSignal): Promise<Settled | undefined> {
    const { promise, resolve } = Promise.withResolvers<Settled | undefined>();
    const settle = (status: 'EXPIRED' | 'CANCELLED') => resolve(record(id, status));
    const onAbort = () => (signal.reason === bridgeClosed ? resolve(undefined) : settle('CANCELLED'));
    const expiry = setTimeout(settle, leftMs, 'EXPIRED');
    waiting.set(id, resolve);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    return promise.finally(() => {
      clearTimeout(expiry);
      waiting.delete(id);
      signal.removeEventListener('abort', onAbort);
    });
  }

  function answered(id: string) {
    try {
      store.close(id);
    } catch {
      // The disk refuses: the same call would be answered the same again.
    }
  }

  /** A disk that refuses keeps nobody waiting: nothing runs by what is not on it. */
  function record(id: string, status: 'EXPIRED' | 'CANCELLED'): Settled {
    try {
      return store.settle(id, status) ? status : settledAs(id);
    } catch {
      unrecorded.add(id);
      return status;
    }
  }

  function settledAs(id: string): Settled {
    const status = store.find(id)?.status;
    return status && status !== 'PENDING' ? status : 'CANCELLED';
  }

  return {
    /**
     * Asks, and waits for the decision. ALLOWED is returned once for an approval, after that is on disk. Undefined: the
     * bridge closes, and the approval goes on waiting.
     */
    async ask(options: AskOptions): Promise<Settled | undefined> {
      const { report, signal, expiresInMs: _, taskId, warning, ...asked } = options;
      const digest = createHash('sha256').update(approvalSubject(asked)).digest('hex');
      const approval = open(options, digest);
      const leftMs = Math.max(0, Math.min(options.expiresInMs, approval.expiresAt - Date.now()));
      const tell = (status: ApprovalStatus) =>
        report({
          type: 'approval',
          ...asked,
          callId: head(asked.callId, limits.name),
          approvalId: approval.id,
          digest,
          warning: warning && head(warning, limits.detail),
          allowedDecisions: ['allow-once', 'deny'],
          expiresInMs: Math.round(leftMs),
          status,
        });
      tell('PENDING');
      const status = approval.status === 'PENDING' ? await wait(approval.id, leftMs, signal) : settledAs(approval.id);
      if (!status) return undefined;
      tell(status);
      if (status === 'ALLOWED') return store.start(approval.id) ? status : 'CANCELLED';
      answered(approval.id);
      return status;
    },
    /** `decided` also when this same decision is repeated; `over`: it was settled otherwise. */
    decide(id: string, decision: ApprovalDecision): 'decided' | 'unknown' | 'over' {
      if (unrecorded.has(id)) return 'over';
      const approval = store.find(id);
      if (!approval) return 'unknown';
      const status = decision === 'deny' ? 'DENIED' : 'ALLOWED';
      // Who waits has a timer, which no change of this machine's clock moves.
      if (approval.status === 'PENDING' && !waiting.has(id) && approval.expiresAt < Date.now()) return 'over';
      if (!store.settle(id, status)) return approval.status === status ? 'decided' : 'over';
      waiting.get(id)?.(status);
      return 'decided';
    },
    /** Nothing is decided about a task that has ended. */
    forget: store.forget,
    /** Forgets the approvals of all other tasks. */
    keepOnly(taskIds: string[]) {
      for (const taskId of store.tasks()) if (!taskIds.includes(taskId)) store.forget(taskId);
    },
    close: store.end,
  };
}
