import { type ChatSource, instanceSource, type ShownApproval } from '@it0/client/chat-source';
import { createChatStore } from '@it0/client/chat-store';
import { connect } from '@it0/client/client';
import { getReason, isTransient } from '@it0/client/errors';
import { findAnswer, type Turn } from '@it0/client/reduce-chat';
import type { Schedule } from '@it0/client/schedule';
import { type ApprovalDecision, isTerminal, type TaskStatus } from '@it0/contracts/chat-event';
import { until } from '@it0/tests/support/until';
import { type Job, messageOf, replyTo } from '../gateway/job.ts';
import type { Ledger, Sent } from './ledger.ts';

export type OperatorOptions = {
  name: string;
  /** Where the servers are, through whichever network. */
  port: number;
  cookie: string;
  instanceId: string;
  ledger: Ledger;
  /** What it answers to a command that asks; null leaves it to others. */
  decision?: ApprovalDecision | null;
};
export type Operator = ReturnType<typeof createOperator>;

const atOnce: Schedule = (task) => {
  const timer = setImmediate(task);
  return () => clearImmediate(timer);
};
const resendAfterMs = 250;

/** The client as a browser would have it, on Node. */
export const connectAs = (port: number, cookie: string) =>
  connect({
    url: `http://127.0.0.1:${port}`,
    headers: { cookie },
    WebSocket: class extends WebSocket {
      constructor(address: string | URL) {
        // Node's own WebSocket takes headers, which no browser does.
        super(address, { headers: { cookie } } as unknown as string[]);
      }
    } as typeof WebSocket,
  });

const nothingIsUploaded = () => Promise.reject(new Error('nothing is uploaded here'));

/**
 * A person at a screen: the real client and the real store. It sends what it is told, again under the same name when
 * that failed, follows its session, and writes down whatever it sees.
 */
export function createOperator({ name, port, cookie, instanceId, ledger, ...options }: OperatorOptions) {
  let { decision = 'allow-once' } = options;
  const connection = connectAs(port, cookie);
  const store = createChatStore(witnessed(instanceSource(connection.trpc, nothingIsUploaded, instanceId)), {
    schedule: atOnce,
  });
  const awaited = new Map<string, { sent: Sent; resolve(): void }>();
  const decided = new Set<string>();
  const resending = new Set<string>();

  function witnessed(source: ChatSource): ChatSource {
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
        const inspect = ledger.inspector(name, from.seq);
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
    for (const turn of turns) look(turn);
  });

  function look(turn: Turn) {
    // The answer may be lost, and the message be seen to have arrived all the same.
    const arrived = awaited.get(turn.key)?.sent;
    if (arrived) Object.assign(arrived, { taskId: turn.taskId, sessionId: store.getState().sessionId });
    const answer = findAnswer(turn);
    if (!answer) return;
    for (const part of answer.parts) {
      if (part.type === 'approval' && part.status === 'PENDING' && decision) decide(part, decision);
    }
    const waiting = [...awaited.values()].find(({ sent }) => sent.taskId === turn.taskId);
    if (!waiting || !isTerminal(answer.status)) return;
    awaited.delete(waiting.sent.requestId);
    waiting.sent.endedAt = Date.now();
    waiting.resolve();
  }

  function resend(requestId: string) {
    if (resending.has(requestId)) return;
    resending.add(requestId);
    setTimeout(() => {
      resending.delete(requestId);
      store.resend(requestId);
    }, resendAfterMs);
  }

  function decide(approval: ShownApproval, decision: ApprovalDecision) {
    if (decided.has(approval.approvalId)) return;
    decided.add(approval.approvalId);
    store.decide(approval, decision).catch((error: unknown) => {
      if (isTransient(getReason(error))) setTimeout(() => again(approval, decision), resendAfterMs);
    });
  }

  const screen = () => new Map(store.getState().turns.map((turn) => [turn.taskId, findAnswer(turn)]));

  function again(approval: ShownApproval, decision: ApprovalDecision) {
    decided.delete(approval.approvalId);
    decide(approval, decision);
  }

  return {
    name,
    store,
    trpc: connection.trpc,
    /** Sends a message and resolves when its end is on the screen. A `reply` of null may be anything. */
    say(
      job: Job,
      ends: TaskStatus[] = ['COMPLETED'],
      reply: string | null = replyTo(job, decision !== 'deny'),
    ): Promise<void> {
      const text = messageOf(job);
      store.send(text);
      const { requestId } = store.getState().outgoing.at(-1)!;
      const sent: Sent = {
        ...{ requestId, job, text, ends, reply },
        ...{ sentAt: Date.now(), taskId: null, sessionId: null, endedAt: null },
      };
      ledger.messages.push(sent);
      return new Promise((resolve) => awaited.set(requestId, { sent, resolve }));
    },
    decide,
    /** Decides all pending and future approvals; null stops deciding. */
    decideAll(value: ApprovalDecision | null) {
      decision = value;
      for (const turn of store.getState().turns) look(turn);
    },
    /** The next question on the screen that was not decided here, be it open or not. */
    asked: () =>
      until(() => {
        const parts = store.getState().turns.flatMap((turn) => findAnswer(turn)?.parts ?? []);
        const open = parts.find((part) => part.type === 'approval' && !decided.has(part.approvalId));
        return open?.type === 'approval' && open;
      }, 60_000),
    isOwn: (taskId: string) => store.getState().turns.some((turn) => turn.taskId === taskId),
    isOver: (taskId: string) => isTerminal(screen().get(taskId)?.status ?? 'QUEUED'),
    isLate: (taskId: string) => screen().get(taskId)?.late,
    /** What the screen says to each message. */
    screen,
    close() {
      store.close();
      void connection.close();
    },
  };
}
