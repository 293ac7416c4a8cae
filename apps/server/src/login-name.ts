import { createHmac } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { setTimeout as sleep } from 'node:timers/promises';

const LOOKUP_MS = 1_000;

/** Returns a name below `localhost` that is derived from the secret, so it cannot be guessed without the secret. */
export const deriveLoginName = (secret: string) =>
  `it0-${createHmac('sha256', secret).update('login name').digest('hex').slice(0, 12)}.localhost`;

/**
 * Returns the host name at which people on this machine sign in. Browsers scope cookies by host and ignore the port, so
 * a login cookie of `localhost` is also sent to any other server there, including one that an agent started. A name
 * that cannot be guessed avoids that, since no link can lead to it on another port. Falls back to `localhost` when the
 * system does not resolve names below it.
 */
export async function findLoginName(secret: string): Promise<string> {
  const name = deriveLoginName(secret);
  const timeout = sleep(LOOKUP_MS, [], { ref: false });
  const addresses = await Promise.race([lookup(name, { all: true }).catch(() => []), timeout]);
  return addresses.some(({ address }) => address === '127.0.0.1' || address === '::1') ? name : 'localhost';
}
