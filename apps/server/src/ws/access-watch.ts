import type { Person, Services } from '@it0/api/context';
import type { WebSocket } from 'ws';
import { requestReconnect } from './backpressure.ts';

/** So long somebody may go on listening whose access has ended or changed, at the most, in milliseconds. */
const everyMs = 2_500;

type Socket = { person: Person | null };

/**
 * Looks again and again whether those who listen still may. Whose login was revoked, membership ended or changed, or
 * sight of an instance was taken away is asked to come back, and is let in anew, or not.
 */
export function watchAccess(sockets: ReadonlyMap<WebSocket, Socket>, { refreshUser, log }: Services) {
  let looking: Promise<unknown> | undefined;
  async function look() {
    const people = Map.groupBy(sockets, ([, { person }]) => person);
    people.delete(null);
    await Promise.all(
      [...people].map(async ([person, theirs]) => {
        const now = await refreshUser(person!);
        if (now?.access === person!.access) return;
        for (const [client] of theirs) requestReconnect(client, 1012);
      }),
    );
  }
  const timer = setInterval(() => {
    looking ??= look()
      // Whoever cannot be looked up now is next time.
      .catch((error: unknown) => log.warn({ err: error }, 'who listens was not looked up; trying again'))
      .finally(() => (looking = undefined));
  }, everyMs);
  return { close: () => clearInterval(timer) };
}
