import { BlockList, isIP } from 'node:net';

/** A host and port to connect to. `host` is a name in lower case, or an address without brackets. */
export type HostAndPort = { host: string; port: number };

/** Returns whether a host and port are in the list. */
export type HostList = (target: HostAndPort) => boolean;

/**
 * Parses a list of hosts: names, `*.` and a domain, addresses or subnets, each with an optional `:port`. Throws for any
 * other entry. An address never matches a name, nor a name an address.
 */
export function parseHostList(entries: string[]): HostList {
  const rules = entries.map(parseEntry);
  return (target) => rules.some((includes) => includes(target));
}

/** Returns the host and port of a URL. */
export const parseHostAndPort = (url: URL): HostAndPort => ({
  host: withoutBrackets(url.hostname).toLowerCase(),
  port: Number(url.port || (url.protocol === 'https:' ? 443 : 80)),
});

function parseEntry(entry: string): HostList {
  const match = /^(\[[^\]]+\](?:\/\d+)?|[^:]+)(?::(\d+))?$/.exec(entry);
  if (!match) throw new Error(`"${entry}" is not a host, address or subnet`);
  const [, host = '', port] = match;
  const isHost = parseHost(host.toLowerCase());
  return (target) => isHost(target.host) && (port === undefined || target.port === Number(port));
}

function parseHost(host: string): (hostname: string) => boolean {
  const [address = '', bits] = withoutBrackets(host).split('/');
  const family = findFamily(address);
  if (family) {
    const list = new BlockList();
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
    return (hostname) => {
      const hostFamily = findFamily(hostname);
      return hostFamily !== undefined && list.check(hostname, hostFamily);
    };
  }
  if (!/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(host)) throw new Error(`"${host}" is not a host, address or subnet`);
  return host.startsWith('*.') ? (hostname) => hostname.endsWith(host.slice(1)) : (hostname) => hostname === host;
}

const withoutBrackets = (host: string) => host.replace(/[[\]]/g, '');

const FAMILIES = { 0: undefined, 4: 'ipv4', 6: 'ipv6' } as const;
const findFamily = (address: string) => FAMILIES[isIP(address) as keyof typeof FAMILIES];
