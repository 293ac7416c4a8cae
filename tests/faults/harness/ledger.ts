import type { ChatEvent } from '@it0/contracts/chat-event';
import { isDurable, type TaskStatus } from '@it0/contracts/chat-event';
import type { Job } from '../gateway/job.ts';

/** One message, from Enter to the end of its reply. */
export type Sent = {
  requestId: string;
  job: Job;
  text: string;
  /** The reply it must get; null when there is none to expect. */
  reply: string | null;
  /** How its task may end. */
  ends: TaskStatus[];
  sentAt: number;
  /** Null: nobody has answered yet. */
  taskId: string | null;
  sessionId: string | null;
  /** When its end was seen on the sender's screen. */
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

/** What was done, and what went wrong with it. */
export function createLedger(fault: string) {
  const messages: Sent[] = [];
  const strikes: number[] = [];
  const recoveries: number[] = [];
  const notes: string[] = [];
  const wrong = { lost: 0, duplicated: 0, outOfOrder: 0, endless: 0 };

  const ledger = {
    messages,
    /** What went wrong, in words. */
    notes,
    blame(what: keyof typeof wrong, note: string) {
      wrong[what] += 1;
      notes.push(`${fault}: ${what}: ${note}`);
    },
    /** A fault happens now. */
    strike() {
      strikes.push(Date.now());
    },
    /** How long something took that no message tells. */
    recovered(ms: number) {
      recoveries.push(ms);
    },
    get strikes() {
      return strikes.length;
    },
    /** Looks at what one subscription yields after `seq`: every durable event once, in order, without a gap. */
    inspector(who: string, seq: number) {
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
      runs: strikes.length,
      sent: messages.length,
      acknowledged: messages.filter(({ taskId }) => taskId).length,
      ...wrong,
      worstRecoveryMs: Math.max(0, ...recoveries, ...messages.map(recovery)),
    }),
  };

  /** From a fault that struck while a message was under way to the end of its reply on the sender's screen. */
  function recovery({ sentAt, endedAt }: Sent) {
    const first = strikes.find((at) => at >= sentAt && at <= (endedAt ?? 0));
    return first === undefined || endedAt === null ? 0 : endedAt - first;
  }
  return ledger;
}
