import type { End, Engine, Run } from './engine.ts';

/** Why a run is stopped when its engine is closed. */
export const closed = 'closed';

/** How a run ends of an engine that takes no files, before anything was sent: one that came along is never dropped in silence. */
const takesNoFiles = (): End => ({
  type: 'error',
  status: 'FAILED',
  reason: 'ATTACHMENT_TYPE_REFUSED',
  detail: 'This agent takes no files. Send the message without them.',
  text: '',
});

/**
 * What an engine without files has in hand: `run` does one task, stopped also when the engine closes, and `close` waits
 * for what still runs.
 */
export function runsInHand(doTask: (run: Run) => Promise<End>): Pick<Engine, 'run' | 'close'> {
  const closing = new AbortController();
  const inHand = new Set<Promise<End>>();
  return {
    async run(run) {
      if (closing.signal.aborted) return undefined;
      if (run.files.length > 0) return takesNoFiles();
      const running = doTask({ ...run, signal: AbortSignal.any([run.signal, closing.signal]) });
      inHand.add(running);
      return running.finally(() => inHand.delete(running));
    },
    async close() {
      closing.abort(closed);
      await Promise.allSettled(inHand);
    },
  };
}
