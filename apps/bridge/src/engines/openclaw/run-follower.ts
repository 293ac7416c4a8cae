import type { End, NewReport } from '../engine.ts';
import { toStoppedEnd } from '../engine.ts';
import type { GatewayEvent } from './gateway-event.ts';
import type { Translator } from './translator.ts';

/** The time without an event after which the follower checks that the run is still running. */
const SILENCE_MS = 20_000;
const STOP_TIMEOUT_MS = 5_000;

export type FollowerOptions = {
  translator: Translator;
  report(report: NewReport): void;
  /** Called after a long silence. Must not throw. */
  isStillRunning(runId: string | null): Promise<boolean>;
  /** Requests the end of the run. Must not throw. */
  stop(): Promise<unknown>;
};

/** Follows a run on one connection, until its end or the loss of the connection. */
export type Follower = ReturnType<typeof createFollower>;

export function createFollower({ translator, report, isStillRunning, stop }: FollowerOptions) {
  const { promise: ended, resolve } = Promise.withResolvers<End | undefined>();
  /** Undefined before `expect`. Null for the first run that has an event: a restarted gateway uses a new run id. */
  let runId: string | null | undefined;
  let silenceTimer: NodeJS.Timeout | undefined;

  function restartTimer() {
    clearTimeout(silenceTimer);
    silenceTimer = setTimeout(
      async () => ((await isStillRunning(runId ?? null)) ? restartTimer() : resolve(undefined)),
      SILENCE_MS,
    );
  }

  return {
    expect(id: string | null) {
      runId = id;
      restartTimer();
    },
    /** Handles an event of the session; undefined if the connection was lost. */
    handleEvent(event: GatewayEvent | undefined) {
      if (!event) return resolve(undefined);
      if (runId === undefined) return;
      if ('runId' in event) {
        runId ??= event.runId;
        if (event.runId !== runId) return;
      }
      restartTimer();
      const { reports, end } = translator.translate(event);
      for (const each of reports) report(each);
      if (end) resolve(end);
    },
    /** Waits for the run's end; undefined if the connection or the run was lost. Stops the run on the signal. */
    async waitForEnd(signal: AbortSignal): Promise<End | undefined> {
      const { promise: aborted, resolve: resolveAborted } = Promise.withResolvers<void>();
      const onAbort = () => resolveAborted();
      if (signal.aborted) resolveAborted();
      signal.addEventListener('abort', onAbort, { once: true });
      const first = await Promise.race([ended, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
      if (first || !signal.aborted) return first ?? undefined;

      const timer = setTimeout(resolve, STOP_TIMEOUT_MS, undefined);
      await stop();
      const end = await ended.finally(() => clearTimeout(timer));
      return end?.type === 'completed' ? end : toStoppedEnd(signal, translator.text, translator.lastError);
    },
    close: () => clearTimeout(silenceTimer),
  };
}
