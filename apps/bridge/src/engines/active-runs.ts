import type { End, Engine, Run } from './engine.ts';

/** The abort reason of a run whose engine is closed. */
export const CLOSED = 'closed';

/** Tracks the runs of an engine. Disposing it aborts them with the reason `CLOSED`, and waits for them to settle. */
export function createActiveRuns(runTask: (run: Run) => Promise<End>): Pick<Engine, 'run'> & AsyncDisposable {
  const closing = new AbortController();
  const active = new Set<Promise<End>>();
  return {
    async run(run) {
      if (closing.signal.aborted) return undefined;
      const end = runTask({ ...run, signal: AbortSignal.any([run.signal, closing.signal]) });
      active.add(end);
      return end.finally(() => active.delete(end));
    },
    async [Symbol.asyncDispose]() {
      closing.abort(CLOSED);
      await Promise.allSettled(active);
    },
  };
}
