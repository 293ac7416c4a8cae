import type { End, NewReport } from '../engine.ts';
import { toStoppedEnd } from '../engine.ts';
import type { GatewayEvent } from './gateway-event.ts';
import type { Translator } from './translate.ts';

/** After so long without a word it is time to ask the gateway whether it is still at it. */
const silenceMs = 20_000;
const stopWithinMs = 5_000;

export type FollowerOptions = {
  translator: Translator;
  report(report: NewReport): void;
  /** Asked after a long silence. Does not throw. */
  isStillRunning(runId: string | null): Promise<boolean>;
  /** Asks for the run to be stopped. Does not throw. */
  stop(): Promise<unknown>;
};

/** One stretch of listening to a task's run, from a send or a look at the history until the end or a loss of contact. */
export type Follower = ReturnType<typeof createFollower>;

export function createFollower({ translator, report, isStillRunning, stop }: FollowerOptions) {
  const { promise: over, resolve } = Promise.withResolvers<End | undefined>();
  /** Undefined: none yet. Null: whichever speaks first, for a restarted gateway goes on under a name of its own. */
  let runId: string | null | undefined;
  let silence: NodeJS.Timeout | undefined;

  function heard() {
    clearTimeout(silence);
    silence = setTimeout(async () => ((await isStillRunning(runId ?? null)) ? heard() : resolve(undefined)), silenceMs);
  }

  return {
    expect(id: string | null) {
      runId = id;
      heard();
    },
    /** An event of the session; undefined: contact was lost. */
    handleEvent(event: GatewayEvent | undefined) {
      if (!event) return resolve(undefined);
      if (runId === undefined) return;
      if ('runId' in event) {
        runId ??= event.runId;
        if (event.runId !== runId) return;
      }
      heard();
      const { reports, end } = translator.translate(event);
      for (const each of reports) report(each);
      if (end) resolve(end);
    },
    /** The run's end; undefined when contact or the run was lost. Stops the run on the signal. */
    async waitForEnd(signal: AbortSignal): Promise<End | undefined> {
      const { promise: told, resolve: tell } = Promise.withResolvers<void>();
      const onAbort = () => tell();
      if (signal.aborted) tell();
      signal.addEventListener('abort', onAbort, { once: true });
      const first = await Promise.race([over, told]).finally(() => signal.removeEventListener('abort', onAbort));
      if (first || !signal.aborted) return first ?? undefined;

      const late = setTimeout(resolve, stopWithinMs, undefined);
      await stop();
      const end = await over.finally(() => clearTimeout(late));
      return end?.type === 'completed' ? end : toStoppedEnd(signal, translator.text(), translator.trouble());
    },
    close: () => clearTimeout(silence),
  };
}
