import { BlockList, isIP, isIPv4 } from 'node:net';

/**
 * Parses an IP address and returns its canonical form, or null for any other text. A port, brackets and a zone are
 * dropped, and an IPv4-mapped IPv6 address (`::ffff:198.51.100.7`) becomes the IPv4 address.
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

/** Returns the network of an address: the first `bits` bits of an IPv6 address, and an IPv4 address unchanged. */
export function toNetwork(address: string, bits: 48 | 64): string {
  if (isIP(address) !== 6) return address;
  const [head = '', tail] = address.split('::');
  const before = head.split(':').filter(Boolean);
  const after = tail?.split(':').filter(Boolean) ?? [];
  const groups = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => '0'), ...after];
  return `${groups.slice(0, bits / 16).join(':')}::/${bits}`;
}

/** Networks outside the public internet, from the IANA special-purpose address registries. */
const NON_PUBLIC = new BlockList();
for (const subnet of [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4'],
]) {
  const [network = '', bits] = subnet.split('/');
  NON_PUBLIC.addSubnet(network, Number(bits), 'ipv4');
}
/** The range that all global unicast IPv6 addresses are assigned from. */
const GLOBAL_IPV6 = new BlockList();
GLOBAL_IPV6.addSubnet('2000::', 3, 'ipv6');
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['3fff::', 20],
] as const) {
  NON_PUBLIC.addSubnet(network, bits, 'ipv6');
}

/** Returns whether an address, as `parseAddress` returns it, is on the public internet. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !NON_PUBLIC.check(address, 'ipv4');
  // NAT64 and 6to4 addresses are translated to the embedded IPv4 address.
  const embedded =
    embeddedIPv4(address, /^64:ff9b::([\da-f]+):([\da-f]+)$/) ?? embeddedIPv4(address, /^2002:([\da-f]+):([\da-f]+):/);
  if (embedded) return isPublicAddress(embedded);
  return GLOBAL_IPV6.check(address, 'ipv6') && !NON_PUBLIC.check(address, 'ipv6');
}

/** Returns the IPv4 address in the two groups that a pattern captures. */
function embeddedIPv4(address: string, pattern: RegExp): string | null {
  const [, high, low] = pattern.exec(address) ?? [];
  if (!high || !low) return null;
  const groups = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return groups.flatMap((group) => [group >> 8, group & 0xff]).join('.');
}
