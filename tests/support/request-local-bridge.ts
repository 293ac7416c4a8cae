import { requestWithSharedSecret } from '@it0/node/shared-secret-tls';
import { HANG_LIMIT_MS } from './hang-limit.ts';

/** Sends a GET request to a bridge that a server's local driver runs. Throws when it cannot be reached. */
export const requestLocalBridge = (bridgeUrl: string | null, path: string, secret: string, bearer = secret) =>
  requestWithSharedSecret({
    url: new URL(path, bridgeUrl ?? 'psk://127.0.0.1:1'),
    ...{ secret, method: 'GET', headers: { authorization: `Bearer ${bearer}` } },
    signal: AbortSignal.timeout(HANG_LIMIT_MS),
  });
