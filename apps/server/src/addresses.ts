import { once } from 'node:events';
import { type AddressInfo, connect, isIPv6 } from 'node:net';

/** Formats a host for a URL. */
const formatHost = (host: string) => (isIPv6(host) ? `[${host}]` : host);

/** Listen addresses that are shown as the login name: both wildcards and the default. */
const localHostnames = ['0.0.0.0', '[::]', '127.0.0.1'];

type ListenOptions = { publicUrl?: string; host: string; port: number; loginName?: string };

/** Returns the origin of a server for browsers: `publicUrl` when set, otherwise one on this machine. */
export function toBrowserOrigin({ publicUrl, host, port, loginName = 'localhost' }: ListenOptions): string {
  if (publicUrl) return new URL(publicUrl).origin;
  // URL normalizes the host: `::0` and `0:0::0` become `::`, and `0` becomes `0.0.0.0`.
  const { hostname } = new URL(`http://${formatHost(host)}`);
  return `http://${localHostnames.includes(hostname) ? loginName : hostname}:${port}`;
}

/** Returns the one-time sign-in link for `token`. */
export const toSignInUrl = (options: ListenOptions, token: string) =>
  new URL(`/sign-in/${token}`, toBrowserOrigin(options)).href;

const CONNECT_MS = 2_000;

/** Returns the origin at which local processes reach a server that listens on `address`. Throws when there is none. */
export async function findLocalOrigin({ address, port }: AddressInfo): Promise<string> {
  for (const host of localAddresses(address))
    if (await canConnect(host, port)) return `http://${formatHost(host)}:${port}`;
  throw new Error(
    `The server listens on ${address}, which agents on this machine cannot reach. Set HOST to a reachable address.`,
  );
}

/** Returns the addresses to try. `::` usually covers IPv4 too, but the system can disable that or IPv6 itself. */
function localAddresses(address: string): string[] {
  if (address === '0.0.0.0') return ['127.0.0.1'];
  return address === '::' ? ['::1', '127.0.0.1'] : [address];
}

/** Returns whether a TCP connection to the address succeeds in time. */
async function canConnect(host: string, port: number): Promise<boolean> {
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
