import type { IncomingMessage } from 'node:http';
import { parseAddress } from '@it0/node/address';
import proxyAddr from 'proxy-addr';

/** What stands between clients and this server. */
export type Front = {
  /** Where people reach it, when that is not where it listens. */
  publicUrl: URL | null;
  /** The client's address, in the one spelling it has. What a proxy says of it counts only when that proxy is trusted. */
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
      // The nearest first: the socket's own, then what each proxy says, the last of them first.
      const [nearest = '', ...told] = proxyAddr.all(request);
      let address = parseAddress(nearest) ?? nearest;
      for (const [index, further] of told.entries()) {
        const parsed = isTrusted(address, index) ? parseAddress(further) : null;
        // What is no address counts as that of the proxy which says so.
        if (!parsed) break;
        address = parsed;
      }
      return address;
    },
  };
}
