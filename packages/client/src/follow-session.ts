import type { Batch } from '@it0/contracts/chat-event';
import type { Reason } from '@it0/contracts/reasons';
import type { ChatSource, History } from './chat-source.ts';
import { backoff } from './client.ts';
import { getReason, isTransient } from './errors.ts';
import { after, onFrame, type Schedule } from './schedule.ts';

export type FollowOptions = {
  /** When arrived events are handed on; by default with the next frame. */
  schedule?: Schedule;
  /** When the n-th attempt in a row is made again, to load or to send. */
  retry?: (attempt: number) => Schedule;
};

export type Follower = {
  /** The newest page: whatever was known before is replaced. */
  onHistory(history: History): void;
  /** All that has arrived since the last time. False: it does not join what is known, and the page is loaded again. */
  onEvents(events: Batch): boolean;
  /** False while what is known may be behind. */
  onLive(live: boolean): void;
  /** It is over: trying again would not help. */
  onRefused(reason: Reason | null): void;
};

export const retryLater = (attempt: number) => after(backoff(attempt));

/** Loads a session's newest page and follows it from there, for as long as it takes. Returns what ends it. */
export function followSession(
  source: ChatSource,
  sessionId: string,
  follower: Follower,
  { schedule = onFrame, retry = retryLater }: FollowOptions = {},
) {
  let attempt = 0;
  let release = () => {};

  const load = async () => {
    let over = false;
    let unsubscribe = () => {};
    let unschedule = () => {};
    let arrived: Batch = [];
    release = () => {
      over = true;
      unsubscribe();
      unschedule();
    };

    const again = () => {
      release();
      follower.onLive(false);
      release = retry(attempt++)(() => void load());
    };
    const onEnd = (error: unknown) => {
      if (over) return;
      const reason = getReason(error);
      if (isTransient(reason)) return again();
      release();
      follower.onRefused(reason);
    };
    const handOn = () => {
      const events = arrived;
      arrived = [];
      if (follower.onEvents(events)) attempt = 0;
      else again();
    };
    const onBatch = (batch: Batch) => {
      if (over) return;
      if (arrived.length === 0) unschedule = schedule(handOn);
      arrived.push(...batch);
    };

    try {
      const history = await source.messages({ sessionId });
      if (over) return;
      follower.onHistory(history);
      const onConnection = (live: boolean) => {
        if (!over) follower.onLive(live);
      };
      const subscription = source.onEvent({ sessionId, seq: history.seq }, { onBatch, onConnection, onEnd });
      unsubscribe = () => subscription.unsubscribe();
      if (over) unsubscribe();
    } catch (error) {
      onEnd(error);
    }
  };

  void load();
  return () => release();
}
