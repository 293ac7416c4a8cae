import type { Batch } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import type { ChatSource, History, Page } from './chat-source.ts';
import { backoff } from './client.ts';
import { getReason, isTransient } from './errors.ts';
import { after, onFrame, type Schedule } from './schedule.ts';

/** Timing of `followSession`. */
export type FollowOptions = {
  /** Schedule for passing on received events. Defaults to the next animation frame. */
  schedule?: Schedule;
  /** Schedule of a retry after a failure to load or send. `attempt` starts at 0. Defaults to exponential backoff. */
  retry?: (attempt: number) => Schedule;
};

/** Callbacks of `followSession`. */
export type Follower = {
  /** Returns the branch to load, also again after a gap. */
  getBranch(): Pick<Page, 'branch' | 'branchOf'>;
  /** Receives the newest page, which replaces everything before. */
  onHistory(history: History): void;
  /** Receives all events since the last call. Returns false on a gap; then the newest page is loaded again. */
  onEvents(events: Batch): boolean;
  /** False while the state can be outdated. */
  onLive(live: boolean): void;
  /** Called once, with the reason of an error that a retry would not solve. */
  onRefused(reason: Reason | null): void;
};

/** Schedules a retry with exponential backoff. */
export const retryWithBackoff = (attempt: number) => after(backoff(attempt));

/**
 * Loads the newest page of a session and subscribes to the events after it. Starts again after a gap and after
 * transient errors. Returns a function that stops it.
 */
export function followSession(
  source: ChatSource,
  sessionId: string,
  follower: Follower,
  { schedule = onFrame, retry = retryWithBackoff }: FollowOptions = {},
) {
  let attempt = 0;
  let stop = () => {};

  const load = async () => {
    let isStopped = false;
    let unsubscribe = () => {};
    let unschedule = () => {};
    let received: Batch = [];
    stop = () => {
      isStopped = true;
      unsubscribe();
      unschedule();
    };

    const reload = () => {
      stop();
      follower.onLive(false);
      stop = retry(attempt++)(() => void load());
    };
    const onEnd = (error: unknown) => {
      if (isStopped) return;
      const reason = getReason(error);
      // The log no longer has the events after the last one here: the newest page replaces them.
      if (reason === 'EVENT_GAP' || isTransient(reason)) return reload();
      stop();
      follower.onRefused(reason);
    };
    const flush = () => {
      const events = received;
      received = [];
      if (follower.onEvents(events)) attempt = 0;
      else reload();
    };
    const onBatch = (batch: Batch) => {
      if (isStopped) return;
      if (received.length === 0) unschedule = schedule(flush);
      received.push(...batch);
    };

    try {
      const history = await source.messages({ sessionId, ...follower.getBranch() });
      if (isStopped) return;
      follower.onHistory(history);
      const onConnection = (live: boolean) => {
        if (!isStopped) follower.onLive(live);
      };
      const subscription = source.onEvent({ sessionId, seq: history.seq }, { onBatch, onConnection, onEnd });
      unsubscribe = () => subscription.unsubscribe();
      if (isStopped) unsubscribe();
    } catch (error) {
      onEnd(error);
    }
  };

  void load();
  return () => stop();
}
