import { SHARED_SECRET_SCHEME } from '@it0/contracts/bridge-listening';
import { parseHostAndPort, parseHostList } from '@it0/node/host-list';

/** Where bridges on other hosts may be reached, from `BRIDGE_ALLOW`. */
export type AllowList = (url: URL) => boolean;

/** Parses host names, `*.` and a domain, addresses and subnets, each with optional `:port`. Throws for others. */
export function createAllowList(entries: string[]): AllowList {
  const isListed = parseHostList(entries);
  return (url) => /^https?:$/.test(url.protocol) && isListed(parseHostAndPort(url));
}

const LOCAL_SCHEMES = [SHARED_SECRET_SCHEME, 'http:'];

type BridgeAddress = { url: string; isRemote: boolean };

/** Whether a request may leave for this bridge: those of this server's own machine are on its loopback. */
export function isReachable(allow: AllowList, { url, isRemote }: BridgeAddress): boolean {
  if (!URL.canParse(url)) return false;
  const address = new URL(url);
  return isRemote ? allow(address) : LOCAL_SCHEMES.includes(address.protocol) && address.hostname === '127.0.0.1';
}
