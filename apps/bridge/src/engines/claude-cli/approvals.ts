import { randomUUID } from 'node:crypto';
import type { ApprovalDecision, ApprovalStatus } from '@it0/contracts/chat-event';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import type { Run } from '../engine.ts';

export type Question = {
  command: string;
  cwd: string;
  callId: string;
  textOffset: number;
  expiresInMs: number;
  report: Run['report'];
  /** The question is over when whoever asked is. */
  signal: AbortSignal;
};
type Answer = Exclude<ApprovalStatus, 'PENDING'>;
type Asked = { status: ApprovalStatus; answer(status: Answer): void };

/** For how many questions it is known what became of them. */
const remembered = 1_000;

/** The questions of an engine that a person decides. Each is bound to the one call that asked it. */
export function createApprovals() {
  const questions = new Map<string, Asked>();

  function remember(id: string, asked: Asked) {
    questions.set(id, asked);
    if (questions.size <= remembered) return;
    const old = [...questions].find(([, { status }]) => status !== 'PENDING');
    if (old) questions.delete(old[0]);
  }

  return {
    /** Asks, and waits for the answer. */
    async ask({ command, cwd, callId, textOffset, expiresInMs, report, signal }: Question): Promise<Answer> {
      const { promise, resolve } = Promise.withResolvers<Answer>();
      const id = randomUUID();
      const expiresAt = new Date(Date.now() + expiresInMs).toISOString();
      const asked: Asked = { status: 'PENDING', answer: resolve };
      const tell = (status: ApprovalStatus) =>
        report({
          type: 'approval',
          approvalId: id,
          callId: head(callId, limits.name),
          command,
          cwd: head(cwd, limits.detail),
          allowedDecisions: ['allow-once', 'deny'],
          expiresAt,
          status,
          textOffset,
        });
      const expiry = setTimeout(resolve, expiresInMs, 'EXPIRED');
      const cancel = () => resolve('CANCELLED');
      signal.addEventListener('abort', cancel, { once: true });
      if (signal.aborted) cancel();
      remember(id, asked);
      tell('PENDING');
      asked.status = await promise;
      clearTimeout(expiry);
      signal.removeEventListener('abort', cancel);
      tell(asked.status);
      return asked.status as Answer;
    },
    decide(id: string, decision: ApprovalDecision): 'decided' | 'unknown' | 'over' {
      const asked = questions.get(id);
      if (!asked) return 'unknown';
      const wanted = decision === 'deny' ? 'DENIED' : 'ALLOWED';
      if (asked.status === wanted) return 'decided';
      if (asked.status !== 'PENDING') return 'over';
      // At once, for another decision may come before whoever asked goes on.
      asked.status = wanted;
      asked.answer(wanted);
      return 'decided';
    },
  };
}
export type Approvals = ReturnType<typeof createApprovals>;
