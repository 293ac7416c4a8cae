import { once } from 'node:events';
import { type AddressInfo, connect, isIPv6 } from 'node:net';

/** An address as it stands in a URL. */
const inUrl = (host: string) => (isIPv6(host) ? `[${host}]` : host);

/** Hosts that are reached by another name than their own: those that mean every address, and the usual one. */
const reachedAsLocalhost = ['0.0.0.0', '[::]', '127.0.0.1'];

type Listening = { publicUrl?: string; host: string; port: number; loginName?: string };

/** Returns where a browser reaches a server that listens on `host`: `publicUrl`, or else an address of this machine. */
export function browserOrigin({ publicUrl, host, port, loginName = 'localhost' }: Listening): string {
  if (publicUrl) return new URL(publicUrl).origin;
  // The spelling that a browser would show: `::0` and `0:0::0` are `::`, and `0` is `0.0.0.0`.
  const { hostname } = new URL(`http://${inUrl(host)}`);
  return `http://${reachedAsLocalhost.includes(hostname) ? loginName : hostname}:${port}`;
}

/** Returns the link by which the holder of `token` signs in once. */
export const signInUrl = (listening: Listening, token: string) =>
  new URL(`/sign-in/${token}`, browserOrigin(listening)).href;

const CONNECT_MS = 2_000;

/** Returns where processes on this machine reach a server that listens on `address`. Throws when they cannot. */
export async function findLocalOrigin({ address, port }: AddressInfo): Promise<string> {
  for (const host of localAddresses(address)) if (await connects(host, port)) return `http://${inUrl(host)}:${port}`;
  throw new Error(`The server listens on ${address}, where agents on this machine cannot reach it. Set HOST.`);
}

/** `::` means every IPv4 address too, unless the system or the lack of IPv6 says otherwise: both are tried. */
function localAddresses(address: string): string[] {
  if (address === '0.0.0.0') return ['127.0.0.1'];
  return address === '::' ? ['::1', '127.0.0.1'] : [address];
}

async function connects(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(CONNECT_MS) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
