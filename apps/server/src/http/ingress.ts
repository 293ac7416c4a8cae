import type { IncomingMessage } from 'node:http';
import { networkInterfaces } from 'node:os';
import { parseAddress } from '@it0/node/address';
import { isSameToken } from '@it0/node/token';
import proxyAddr from 'proxy-addr';

/** Network path between clients and this server. */
export type Ingress = {
  /** Public URL, when it differs from the listen address. */
  publicUrl: URL | null;
  /** Returns the normalized address of the client. `x-forwarded-for` counts only from trusted proxies. */
  findClientAddress(request: IncomingMessage): string;
};

/** The header in which a proxy sends the secret, so that other programs on its machine cannot impersonate it. */
const PROXY_SECRET_HEADER = 'x-proxy-secret';

type IngressOptions = {
  publicUrl?: string;
  /** Addresses and subnets, or `loopback`, `linklocal`, `uniquelocal`. */
  trustedProxies?: string[];
  /** The secret that the nearest proxy sends. Without one, its address is enough. */
  proxySecret?: string;
};

/** Creates the ingress for the configured proxies. */
export function createIngress({ publicUrl, trustedProxies = [], proxySecret }: IngressOptions): Ingress {
  const isProxy = (request: IncomingMessage) =>
    proxySecret === undefined || isSameToken(String(request.headers[PROXY_SECRET_HEADER] ?? ''), proxySecret);
  const isTrusted = proxyAddr.compile(trustedProxies);
  return {
    publicUrl: publicUrl ? new URL(publicUrl) : null,
    findClientAddress(request) {
      // Nearest first: the peer of the socket, then the entries of the header from last to first.
      const [nearest = '', ...claimed] = proxyAddr.all(request);
      let address = parseAddress(nearest) ?? nearest;
      if (!isProxy(request)) return address;
      for (const [index, further] of claimed.entries()) {
        const parsed = isTrusted(address, index) ? parseAddress(further) : null;
        // An invalid entry counts as the address of the proxy that added it.
        if (!parsed) break;
        address = parsed;
      }
      return address;
    },
  };
}

/** Returns whether a program on this machine has the address of a trusted proxy. */
export function isThisMachineTrusted(trustedProxies: string[]) {
  const isTrusted = proxyAddr.compile(trustedProxies);
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
  return ['127.0.0.1', '::1', ...interfaces.map(({ address }) => address)].some((address) => isTrusted(address, 0));
}
