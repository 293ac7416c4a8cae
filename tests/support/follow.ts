import type { AppRouter } from '@it0/api/router';
import type { Batch, ChatEvent, DurableEvent } from '@it0/contracts/chat-event';
import { isDurable } from '@it0/contracts/event-kinds';
import type { TRPCClient } from '@trpc/client';
import { until } from './until.ts';

/** Subscribes to a session and records every batch and error. */
export function follow(client: TRPCClient<AppRouter>, sessionId: string, lastEventId?: string) {
  const batches: { id: string; events: Batch }[] = [];
  const errors: unknown[] = [];
  const subscription = client.session.onEvent.subscribe(
    { sessionId, lastEventId },
    {
      onData: ({ id, data }) => batches.push({ id, events: data }),
      onError: (error) => errors.push(error),
    },
  );
  const events = (): ChatEvent[] => batches.flatMap((batch) => batch.events);
  return {
    batches,
    errors,
    events,
    durable: (): DurableEvent[] => events().filter(isDurable),
    /** Waits for the first event of this type. */
    next: <T extends ChatEvent['type']>(
      type: T,
      where: (event: Extract<ChatEvent, { type: T }>) => boolean = () => true,
    ) =>
      until(() =>
        events().find(
          (event): event is Extract<ChatEvent, { type: T }> => event.type === type && where(event as never),
        ),
      ),
    end: () => subscription.unsubscribe(),
    [Symbol.dispose]: () => subscription.unsubscribe(),
  };
}
