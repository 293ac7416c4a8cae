import { BlockList, isIP } from 'node:net';

/** Where bridges on other hosts may be reached, from `BRIDGE_ALLOW`. */
export type AllowList = (url: URL) => boolean;

/**
 * Of a host's name, `*.` and a domain, an address or a subnet, each with or without `:port`. Throws for what is none.
 * An address in a URL never matches a name, nor a name an address: names are resolved only after that.
 */
export function createAllowList(entries: string[]): AllowList {
  const rules = entries.map(ruleOf);
  return (url) => /^https?:$/.test(url.protocol) && rules.some((allows) => allows(url));
}

function ruleOf(entry: string): AllowList {
  const found = /^(\[[^\]]+\](?:\/\d+)?|[^:]+)(?::(\d+))?$/.exec(entry);
  if (!found) throw new Error(`"${entry}" is no host, address or subnet`);
  const [, host = '', port] = found;
  const isHost = hostRule(host.toLowerCase());
  const portOf = (url: URL) => url.port || (url.protocol === 'https:' ? '443' : '80');
  return (url) => isHost(bare(url.hostname)) && (port === undefined || portOf(url) === port);
}

function hostRule(host: string): (hostname: string) => boolean {
  const [address = '', bits] = bare(host).split('/');
  const family = familyOf(address);
  if (family) {
    const list = new BlockList();
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
    return (hostname) => {
      const asked = familyOf(hostname);
      return asked !== undefined && list.check(hostname, asked);
    };
  }
  if (!/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)*$/.test(host)) throw new Error(`"${host}" is no host, address or subnet`);
  return host.startsWith('*.') ? (hostname) => hostname.endsWith(host.slice(1)) : (hostname) => hostname === host;
}

const bare = (host: string) => host.replace(/[[\]]/g, '');

const families = { 0: undefined, 4: 'ipv4', 6: 'ipv6' } as const;
const familyOf = (address: string) => families[isIP(address) as keyof typeof families];

type Reached = { url: string; isRemote: boolean };

/** Whether a request may leave for this bridge: those of this server's own machine are on its loopback. */
export function isReachable(allow: AllowList, { url, isRemote }: Reached): boolean {
  if (!URL.canParse(url)) return false;
  const address = new URL(url);
  return isRemote ? allow(address) : address.protocol === 'http:' && address.hostname === '127.0.0.1';
}
