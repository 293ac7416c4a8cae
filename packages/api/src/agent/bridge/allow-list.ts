import { SHARED_SECRET_SCHEME } from '@it0/contracts/bridge-listening';
import { parseHostAndPort, parseHostList } from '@it0/node/host-list';

/** Returns whether a bridge on another host may be reached at a URL, by `BRIDGE_ALLOW`. */
export type AllowList = (url: URL) => boolean;

/**
 * Parses host names, `*.` with a domain, IP addresses and subnets, each with optional `:port`. Throws for anything
 * else.
 */
export function createAllowList(entries: string[]): AllowList {
  const isListed = parseHostList(entries);
  return (url) => /^https?:$/.test(url.protocol) && isListed(parseHostAndPort(url));
}

const LOCAL_SCHEMES = [SHARED_SECRET_SCHEME, 'http:'];

type BridgeAddress = { url: string; isRemote: boolean };

/** Returns whether requests may be sent to this bridge. Local bridges must be on the loopback interface. */
export function isReachable(allow: AllowList, { url, isRemote }: BridgeAddress): boolean {
  if (!URL.canParse(url)) return false;
  const address = new URL(url);
  return isRemote ? allow(address) : LOCAL_SCHEMES.includes(address.protocol) && address.hostname === '127.0.0.1';
}
