import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';

/** What stands between clients and this server. */
export type Front = {
  /** Where people reach it, when that is not where it listens. */
  publicUrl: URL | null;
  /** The client's address. What a proxy says of it counts only when that proxy is trusted. */
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
  const trust = proxyAddr.compile(trustedProxies);
  return {
    publicUrl: publicUrl ? new URL(publicUrl) : null,
    addressOf: (request) => proxyAddr(request, trust),
  };
}
