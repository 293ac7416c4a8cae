import type { ChatEvent, TaskStatus } from '@it0/contracts/chat-event';
import { isDurable } from '@it0/contracts/event-kinds';
import type { Job } from '../gateway/job.ts';

/** One message, from Enter to the end of its reply. */
export type SentMessage = {
  requestId: string;
  job: Job;
  text: string;
  /** The expected reply; null for any. */
  reply: string | null;
  /** The allowed final statuses of its task. */
  ends: TaskStatus[];
  sentAt: number;
  /** Null until the server responds. */
  taskId: string | null;
  sessionId: string | null;
  /** Time of its end on the sender's screen. */
  endedAt: number | null;
};

export type Verdict = {
  fault: string;
  runs: number;
  sent: number;
  acknowledged: number;
  lost: number;
  duplicated: number;
  outOfOrder: number;
  endless: number;
  worstRecoveryMs: number;
};

export type Ledger = ReturnType<typeof createLedger>;

/** Records all messages and faults, and what went wrong. */
export function createLedger(fault: string) {
  const messages: SentMessage[] = [];
  const injectedAt: number[] = [];
  const recoveries: number[] = [];
  const notes: string[] = [];
  const counts = { lost: 0, duplicated: 0, outOfOrder: 0, endless: 0 };

  const ledger = {
    messages,
    /** Descriptions of everything that went wrong. */
    notes,
    blame(what: keyof typeof counts, note: string) {
      counts[what] += 1;
      notes.push(`${fault}: ${what}: ${note}`);
    },
    /** Records that a fault is injected now. */
    recordInjection() {
      injectedAt.push(Date.now());
    },
    /** Records a recovery time that is not visible in a message. */
    recovered(ms: number) {
      recoveries.push(ms);
    },
    get injections() {
      return injectedAt.length;
    },
    /** Checks that one subscription yields every durable event after `seq` once, in order and without a gap. */
    createInspector(who: string, seq: number) {
      let last = seq;
      return (batch: readonly ChatEvent[]) => {
        for (const event of batch.filter(isDurable)) {
          if (event.seq <= last) ledger.blame('duplicated', `${who} got event ${event.seq} after ${last}`);
          else if (event.seq > last + 1) ledger.blame('outOfOrder', `${who} got event ${event.seq} after ${last}`);
          last = Math.max(last, event.seq);
        }
      };
    },
    verdict: (): Verdict => ({
      fault,
      runs: injectedAt.length,
      sent: messages.length,
      acknowledged: messages.filter(({ taskId }) => taskId).length,
      ...counts,
      worstRecoveryMs: Math.max(0, ...recoveries, ...messages.map(recovery)),
    }),
  };

  /** Returns the time from a fault during a message to the end of its reply on the sender's screen. */
  function recovery({ sentAt, endedAt }: SentMessage) {
    const first = injectedAt.find((at) => at >= sentAt && at <= (endedAt ?? 0));
    return first === undefined || endedAt === null ? 0 : endedAt - first;
  }
  return ledger;
}
