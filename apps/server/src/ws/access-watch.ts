import type { Person } from '@it0/api/caller';
import type { Services } from '@it0/api/context';
import { every } from '@it0/node/every';
import type { WebSocket } from 'ws';
import { requestReconnect } from './backpressure.ts';

/** Maximum delay until a change of access rights takes effect on an open socket. */
const INTERVAL_MS = 2_500;

type Socket = { person: Person | null };

/**
 * Checks the access rights behind open sockets periodically. When a login, membership or share has been revoked or
 * changed, its clients are asked to reconnect, which authenticates them again.
 */
export function watchAccess(sockets: ReadonlyMap<WebSocket, Socket>, { refreshUser, log }: Services): AsyncDisposable {
  async function check() {
    const people = Map.groupBy(sockets, ([, { person }]) => person);
    people.delete(null);
    await Promise.all(
      [...people].map(async ([person, clients]) => {
        const current = await refreshUser(person!);
        if (current?.access === person!.access) return;
        for (const [client] of clients) requestReconnect(client, 1012);
      }),
    );
  }
  return every({
    ms: INTERVAL_MS,
    run: check,
    onError: (error) => log.warn({ err: error }, 'the access rights of open sockets could not be checked; retrying'),
  });
}
