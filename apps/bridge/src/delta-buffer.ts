import type { EphemeralReport } from '@it0/contracts/bridge';

export type DeltaBuffer = ReturnType<typeof createDeltaBuffer>;

/**
 * What a task's reply looks like now, of which the server is only told the difference to what it was told last: pieces
 * that come faster than they can be sent become one, and nothing queues up.
 */
export function createDeltaBuffer() {
  let text = '';
  let toldUpTo = 0;
  const progress = new Map<string, EphemeralReport>();

  return {
    put(report: EphemeralReport) {
      if (report.type === 'progress') progress.set(report.callId, report);
      if (report.type !== 'text') return;
      text = text.slice(0, report.offset) + report.delta;
      toldUpTo = Math.min(toldUpTo, report.offset);
    },
    /** The server has nothing from this offset on. */
    resendFrom(offset: number) {
      toldUpTo = Math.min(toldUpTo, offset);
    },
    isEmpty: () => toldUpTo === text.length && progress.size === 0,
    /** The difference, taken as told; `restore` takes that back, when it could not be sent. */
    drain() {
      const offset = toldUpTo;
      const taken = [...progress];
      const reports = taken.map(([, report]) => report);
      if (offset < text.length) reports.unshift({ type: 'text', offset, delta: text.slice(offset) });
      toldUpTo = text.length;
      progress.clear();
      return {
        reports,
        restore() {
          toldUpTo = Math.min(toldUpTo, offset);
          for (const [callId, report] of taken) if (!progress.has(callId)) progress.set(callId, report);
        },
      };
    },
  };
}
