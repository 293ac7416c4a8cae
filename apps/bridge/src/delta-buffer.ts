import type { EphemeralReport } from '@it0/contracts/bridge';

/**
 * Creates a buffer for the ephemeral reports of a task. It merges reports that arrive faster than they can be sent, so
 * that only the difference from the last sent state is sent.
 */
export function createDeltaBuffer() {
  let text = '';
  let sentLength = 0;
  const progress = new Map<string, EphemeralReport>();
  let modelRetry: EphemeralReport | null = null;

  return {
    put(report: EphemeralReport) {
      if (report.type === 'progress') progress.set(report.callId, report);
      modelRetry = report.type === 'model-retry' ? report : null;
      if (report.type !== 'text') return;
      text = text.slice(0, report.offset) + report.delta;
      sentLength = Math.min(sentLength, report.offset);
    },
    /** Marks the text from this offset on as unsent, since the server does not have it. */
    resendFrom(offset: number) {
      sentLength = Math.min(sentLength, offset);
    },
    isEmpty: () => sentLength === text.length && progress.size === 0 && !modelRetry,
    /** Returns the unsent reports and marks them as sent. `restore` undoes that when they could not be sent. */
    drain() {
      const offset = sentLength;
      const drained = [...progress];
      const reports = [...drained.map(([, report]) => report), ...(modelRetry ? [modelRetry] : [])];
      if (offset < text.length) reports.unshift({ type: 'text', offset, delta: text.slice(offset) });
      sentLength = text.length;
      progress.clear();
      modelRetry = null;
      return {
        reports,
        restore() {
          sentLength = Math.min(sentLength, offset);
          for (const [callId, report] of drained) if (!progress.has(callId)) progress.set(callId, report);
        },
      };
    },
  };
}
