import { type ApprovalToDecide, type ChatSource, createInstanceSource } from '@it0/client/chat-source';
import { createChatStore } from '@it0/client/chat-store';
import { connect } from '@it0/client/client';
import { getReason, isTransient } from '@it0/client/errors';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Schedule } from '@it0/client/schedule';
import type { ApprovalDecision, TaskStatus } from '@it0/contracts/chat-event';
import { isTerminal } from '@it0/contracts/event-kinds';
import { until } from '@it0/tests/support/until';
import { formatMessage, formatReply, type Job } from '../gateway/job.ts';
import type { Ledger, SentMessage } from './ledger.ts';

export type OperatorOptions = {
  name: string;
  /** Port of a proxy to the servers. */
  port: number;
  cookie: string;
  instanceId: string;
  ledger: Ledger;
  /** Its decision on every approval; null to leave them to others. */
  decision?: ApprovalDecision | null;
};
export type Operator = ReturnType<typeof createOperator>;

const immediately: Schedule = (task) => {
  const timer = setImmediate(task);
  return () => clearImmediate(timer);
};
const RESEND_MS = 250;

/** Connects the real client, on Node. */
export const connectAs = (port: number, cookie: string) =>
  connect({
    url: `http://127.0.0.1:${port}`,
    headers: { cookie },
    WebSocket: class extends WebSocket {
      constructor(address: string | URL) {
        // Node's WebSocket accepts headers, unlike a browser's.
        super(address, { headers: { cookie } } as unknown as string[]);
      }
    } as typeof WebSocket,
  });

const rejectUpload = () => Promise.reject(new Error('uploads are not supported here'));

/**
 * Creates a person at a screen, with the real client and store. It sends messages, repeats failed ones with the same
 * requestId, follows its session, and records everything in the ledger.
 */
export function createOperator({ name, port, cookie, instanceId, ledger, ...options }: OperatorOptions) {
  let { decision = 'allow-once' } = options;
  const connection = connectAs(port, cookie);
  const store = createChatStore(withAudit(createInstanceSource(connection.trpc, rejectUpload, instanceId)), {
    schedule: immediately,
  });
  store.startNew();
  const pending = new Map<string, { sent: SentMessage; resolve(): void }>();
  const decided = new Set<string>();
  const resending = new Set<string>();

  function withAudit(source: ChatSource): ChatSource {
    return {
      ...source,
      async createTask(task) {
        const created = await source.createTask(task);
        const sent = ledger.messages.find(({ requestId }) => requestId === task.requestId);
        if (sent?.taskId && sent.taskId !== created.taskId)
          ledger.blame('duplicated', `${name}: one request, two tasks`);
        if (sent) Object.assign(sent, created);
        return created;
      },
      onEvent(from, sink) {
        const inspect = ledger.createInspector(name, from.seq);
        return source.onEvent(from, {
          ...sink,
          onBatch(batch) {
            inspect(batch);
            sink.onBatch(batch);
          },
        });
      },
    };
  }

  store.subscribe(() => {
    const { turns, outgoing, phase, reason } = store.getState();
    if (phase === 'refused') ledger.blame('lost', `${name}: the session was refused for good: ${reason}`);
    for (const { requestId, state } of outgoing) if (state === 'failed') resend(requestId);
    for (const turn of turns) inspectTurn(turn);
  });

  function inspectTurn(turn: Turn) {
    // The response can be lost although the message arrived.
    const arrived = pending.get(turn.key)?.sent;
    if (arrived) Object.assign(arrived, { taskId: turn.taskId, sessionId: store.getState().sessionId });
    const answer = findAnswer(turn);
    if (!answer) return;
    for (const part of answer.parts) {
      if (part.type === 'approval' && part.status === 'PENDING' && decision) decide(part, decision);
    }
    const waiting = [...pending.values()].find(({ sent }) => sent.taskId === turn.taskId);
    if (!waiting || !isTerminal(answer.status)) return;
    pending.delete(waiting.sent.requestId);
    waiting.sent.endedAt = Date.now();
    waiting.resolve();
  }

  function resend(requestId: string) {
    if (resending.has(requestId)) return;
    resending.add(requestId);
    setTimeout(() => {
      resending.delete(requestId);
      store.resend(requestId);
    }, RESEND_MS);
  }

  function decide(approval: ApprovalToDecide, decision: ApprovalDecision) {
    if (decided.has(approval.approvalId)) return;
    decided.add(approval.approvalId);
    store.decide(approval, decision).catch((error: unknown) => {
      if (isTransient(getReason(error))) setTimeout(() => retryDecision(approval, decision), RESEND_MS);
    });
  }

  const screen = () => new Map(store.getState().turns.map((turn) => [turn.taskId, findAnswer(turn)]));

  function retryDecision(approval: ApprovalToDecide, decision: ApprovalDecision) {
    decided.delete(approval.approvalId);
    decide(approval, decision);
  }

  return {
    name,
    store,
    trpc: connection.trpc,
    /** Sends a message and resolves when its end is on the screen. A `reply` of null may be anything. */
    send(
      job: Job,
      ends: TaskStatus[] = ['COMPLETED'],
      reply: string | null = formatReply(job, decision !== 'deny'),
    ): Promise<void> {
      const text = formatMessage(job);
      store.send(text);
      const { requestId } = store.getState().outgoing.at(-1)!;
      const sent: SentMessage = {
        ...{ requestId, job, text, ends, reply },
        ...{ sentAt: Date.now(), taskId: null, sessionId: null, endedAt: null },
      };
      ledger.messages.push(sent);
      return new Promise((resolve) => pending.set(requestId, { sent, resolve }));
    },
    decide,
    /** Decides all pending and future approvals; null stops deciding. */
    decideAll(value: ApprovalDecision | null) {
      decision = value;
      for (const turn of store.getState().turns) inspectTurn(turn);
    },
    /** Waits for an approval on the screen that this person has not decided, pending or not. */
    waitForApproval: () =>
      until(() => {
        const parts = store.getState().turns.flatMap((turn) => findAnswer(turn)?.parts ?? []);
        const open = parts.find((part) => part.type === 'approval' && !decided.has(part.approvalId));
        return open?.type === 'approval' && open;
      }, 60_000),
    isOwn: (taskId: string) => store.getState().turns.some((turn) => turn.taskId === taskId),
    isOver: (taskId: string) => isTerminal(screen().get(taskId)?.status ?? 'QUEUED'),
    isLate: (taskId: string) => screen().get(taskId)?.late,
    /** Returns the reply on the screen by task. */
    screen,
    close() {
      store.close();
      void connection.close();
    },
  };
}
