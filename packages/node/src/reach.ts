import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, parseAddress } from './address.ts';
import { type HostAndPort, parseHostAndPort, parseHostList } from './host-list.ts';

/** Entry of a reach for all addresses on the public internet. */
export const INTERNET = 'internet';

/** The hosts that requests may go to. */
export type Reach = {
  /** Returns whether a URL may be requested, as far as known without resolving its host. */
  permits(url: URL): boolean;
  /**
   * Returns options for `http.request`, which does not follow redirects. The name is resolved once, refused unless all
   * of its addresses are permitted, and the connection goes to the address that was checked. Throws NotPermittedError
   * for a URL that `permits` refuses.
   */
  createRequestOptions(url: URL): { lookup: LookupFunction };
};

/** Error for a host that may not be reached, itself or because of an address that its name resolves to. */
export class NotPermittedError extends Error {
  override readonly name = 'NotPermittedError';
}

/**
 * Parses a reach: `internet`, and entries of `parseHostList`. Throws for any other entry. A name in the list may have
 * any address; all addresses of any other name must be permitted themselves.
 */
export function parseReach(entries: string[]): Reach {
  const isListed = parseHostList(entries.filter((entry) => entry !== INTERNET));
  const reachesInternet = entries.includes(INTERNET);
  const isPermitted = (target: HostAndPort) => isListed(target) || (reachesInternet && isPublicTarget(target));

  function permits(url: URL): boolean {
    if (!isPlainHttp(url)) return false;
    const target = parseHostAndPort(url);
    if (isIP(target.host)) return isPermitted(toTarget(target.host, target.port));
    return isListed(target) || !isLocalName(target.host);
  }

  const createLookup =
    (target: HostAndPort): LookupFunction =>
    (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, addresses) => {
        if (error) return callback(error, []);
        const isRefused =
          !isListed(target) && addresses.some(({ address }) => !isPermitted(toTarget(address, target.port)));
        if (isRefused || !addresses[0]) return callback(new NotPermittedError(`${hostname} may not be reached`), []);
        if (options.all) callback(null, addresses);
        else callback(null, addresses[0].address, addresses[0].family);
      });
    };

  return {
    permits,
    createRequestOptions(url) {
      // Checked here, since Node connects to an address without a lookup.
      if (!permits(url)) throw new NotPermittedError(`${url.host} may not be reached`);
      return { lookup: createLookup(parseHostAndPort(url)) };
    },
  };
}

/** Returns whether a URL has a scheme, host, port and path only: no credentials, query or fragment. */
export const isPlainHttp = (url: URL) =>
  /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(url.href);

const toTarget = (address: string, port: number): HostAndPort => ({ host: parseAddress(address) ?? address, port });

/**
 * Returns whether a target is public and can be a web server: ports below 1024 except 80 and 443 belong to other
 * services.
 */
const isPublicTarget = ({ host, port }: HostAndPort) =>
  isIP(host) !== 0 && isPublicAddress(host) && (port === 80 || port === 443 || port >= 1024);

/** Returns whether a name belongs to this machine or its network, without resolving it. */
const isLocalName = (host: string) =>
  /(^|\.)(localhost|local|internal|localdomain)\.?$/.test(host) || !host.includes('.');
