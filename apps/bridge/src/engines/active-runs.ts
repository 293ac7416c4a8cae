import type { End, Engine, Run } from './engine.ts';

/** Why a run is stopped when its engine is closed. */
export const closed = 'closed';

/** What an engine has in hand: `run` does one task, stopped also when the engine closes, and `close` waits for what still runs. */
export function activeRuns(doTask: (run: Run) => Promise<End>): Pick<Engine, 'run' | 'close'> {
  const closing = new AbortController();
  const inHand = new Set<Promise<End>>();
  return {
    async run(run) {
      if (closing.signal.aborted) return undefined;
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
