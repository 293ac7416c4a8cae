import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Returns one spelling for every way to write an IP address, or null for what is none. A port, brackets and a zone are
 * dropped, and an IPv4 address inside an IPv6 one (`::ffff:198.51.100.7`) becomes the IPv4 address.
 */
export function parseAddress(text: string): string | null {
  const [, bracketed, withPort, bare = bracketed ?? withPort] =
    /^(?:\[([^\]]+)\](?::\d{1,5})?|([\d.]+):\d{1,5}|(.+))$/.exec(text.trim()) ?? [];
  const address = bare?.replace(/%.*$/, '') ?? '';
  if (isIPv4(address)) return address;
  if (isIP(address) !== 6) return null;
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return embeddedIPv4(canonical, /^::ffff:([\da-f]+):([\da-f]+)$/) ?? canonical;
}

/** Returns the network that an address is in: the first `bits` of an IPv6 address, and an IPv4 address as it is. */
export function networkOf(address: string, bits: 48 | 64): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return `${groups.slice(0, bits / 16).join(':')}::/${bits}`;
}

/** Networks that are not the public internet, by the IANA special-purpose address registries. */
const notPublic = new BlockList();
for (const subnet of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
]) {
  const [network = '', bits] = subnet.split('/');
  notPublic.addSubnet(network, Number(bits), 'ipv4');
}
/** IPv6 hands out global addresses from here only. */
const globalIPv6 = new BlockList();
globalIPv6.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ...([
    ['2001::', 23],
    ['2001:db8::', 32],
    ['3fff::', 20],
  ] as const),
]) {
  notPublic.addSubnet(network, bits, 'ipv6');
}

/** Tells whether an address, as `parseAddress` returns it, is one of the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublic.check(address, 'ipv4');
  // What a translator makes of these is an IPv4 address.
  const inside =
    embeddedIPv4(address, /^64:ff9b::([\da-f]+):([\da-f]+)$/) ?? embeddedIPv4(address, /^2002:([\da-f]+):([\da-f]+):/);
  if (inside) return isPublicAddress(inside);
  return globalIPv6.check(address, 'ipv6') && !notPublic.check(address, 'ipv6');
}

function embeddedIPv4(address: string, pattern: RegExp): string | null {
  const [, high, low] = pattern.exec(address) ?? [];
  if (!high || !low) return null;
  const [one, other] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return [one >> 8, one & 0xff, other >> 8, other & 0xff].join('.');
}
