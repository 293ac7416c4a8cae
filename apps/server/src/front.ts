import type { IncomingMessage } from 'node:http';
import { parseAddress } from '@it0/node/address';
import proxyAddr from 'proxy-addr';

/** What stands between clients and this server. */
export type Front = {
  /** Where people reach it, when that is not where it listens. */
  publicUrl: URL | null;
  /** Returns the normalized address of the client. `x-forwarded-for` counts only from trusted proxies. */
  addressOf(request: IncomingMessage): string;
};

/** `trustedProxies` are addresses and subnets, or `loopback`, `linklocal`, `uniquelocal`. */
export function createFront({
  publicUrl,
  trustedProxies = [],
}: {
  publicUrl?: string;
  trustedProxies?: string[];
}): Front {
  const isTrusted = proxyAddr.compile(trustedProxies);
  return {
    publicUrl: publicUrl ? new URL(publicUrl) : null,
    addressOf(request) {
      // Nearest first: the peer of the socket, then the entries of the header from last to first.
      const [nearest = '', ...told] = proxyAddr.all(request);
      let address = parseAddress(nearest) ?? nearest;
      for (const [index, further] of told.entries()) {
        const parsed = isTrusted(address, index) ? parseAddress(further) : null;
        // An invalid entry counts as the address of the proxy that added it.
        if (!parsed) break;
        address = parsed;
      }
      return address;
    },
  };
}
