import { randomUUID } from 'node:crypto';

type Request = {
  command: string;
  cwd: string;
  allowedDecisions: string[];
  sessionKey: string;
  runId: string;
  toolCallId: string;
};
type Question = {
  id: string;
  request: Request;
  expiresAtMs: number;
  status: 'pending' | 'allowed' | 'denied' | 'expired' | 'cancelled';
};
export type Emit = (event: string, payload: object) => void;

/** The questions a gateway has asked. It forgets them when it is killed. */
export function createApprovals(emit: Emit) {
  const questions = new Map<string, Question & { answer(allowed: boolean): void }>();

  function settle(id: string, status: Question['status'], decision: string | null, resolvedBy: string | null) {
    const question = questions.get(id)!;
    question.status = status;
    emit('exec.approval.resolved', { id, decision, resolvedBy, request: question.request });
    question.answer(status === 'allowed');
  }

  return {
    /** Asks, and resolves with whether the command may run. */
    ask(request: Request, openMs: number, signal: AbortSignal): Promise<boolean> {
      const id = randomUUID();
      const expiresAtMs = Date.now() + openMs;
      return new Promise((resolve) => {
        questions.set(id, { id, request, expiresAtMs, status: 'pending', answer: resolve });
        const isOpen = () => questions.get(id)?.status === 'pending';
        setTimeout(() => isOpen() && settle(id, 'expired', null, null), openMs);
        signal.addEventListener('abort', () => isOpen() && settle(id, 'cancelled', 'deny', 'approval-scope-closed'));
        emit('exec.approval.requested', { approvalKind: 'exec', id, request, createdAtMs: Date.now(), expiresAtMs });
      });
    },
    list: () => [...questions.values()].filter(({ status }) => status === 'pending'),
    find: (id: string) => questions.get(id),
    /** What is wrong with the decision; undefined when it stands. */
    resolve(id: string, decision: string): string | undefined {
      const question = questions.get(id);
      if (!question) return 'APPROVAL_NOT_FOUND';
      const status = decision === 'deny' ? 'denied' : 'allowed';
      if (question.status === 'pending') settle(id, status, decision, 'gateway-client');
      return question.status === status ? undefined : 'APPROVAL_ALREADY_RESOLVED';
    },
  };
}
export type Approvals = ReturnType<typeof createApprovals>;
