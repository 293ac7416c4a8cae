import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOKUP_MS = 1_000;

/** Returns the name below `localhost` that belongs to whoever has this secret. Nobody else can guess it. */
export const loginNameOf = (secret: string) =>
  `it0-${createHmac('sha256', secret).update('login name').digest('hex').slice(0, 12)}.localhost`;

/**
 * Returns the name by which people on this machine are to sign in. A browser keeps cookies by host, whatever the port: a
 * login at `localhost` goes to everything else that is opened there, a server that an agent has started included. The
 * login of a name of its own goes nowhere else, and no link can lead to that name on another port. Where the system does
 * not know that names below `localhost` are this machine, it is `localhost` after all.
 */
export async function findLoginName(secret: string): Promise<string> {
  const name = loginNameOf(secret);
  const late = sleep(LOOKUP_MS, [], { ref: false });
  const found = await Promise.race([lookup(name, { all: true }).catch(() => []), late]);
  return found.some(({ address }) => address === '127.0.0.1' || address === '::1') ? name : 'localhost';
}
