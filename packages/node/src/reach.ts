import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, parseAddress } from './address.ts';
import { type HostAndPort, parseHostAndPort, parseHostList } from './host-list.ts';

/** The entry of a reach for every address of the public internet. */
export const INTERNET = 'internet';

/** The hosts that requests may go to. */
export type Reach = {
  /** Returns whether a URL may be requested, as far as is known without resolving its host. */
  permits(url: URL): boolean;
  /**
   * Returns options for `http.request`, which does not follow redirects. The name is resolved once, refused unless all
   * of its addresses are permitted, and the connection goes to the address that was checked. Throws NotPermittedError
   * for a URL that `permits` refuses.
   */
  requestOptions(url: URL): { lookup: LookupFunction };
};

/** An error for a host that may not be reached, itself or by an address that its name resolves to. */
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
  const isOpen = (place: HostAndPort) => isListed(place) || (reachesInternet && isPublicPlace(place));

  function permits(url: URL): boolean {
    if (!isPlainHttp(url)) return false;
    const place = parseHostAndPort(url);
    if (isIP(place.host)) return isOpen(placeAt(place.host, place.port));
    return isListed(place) || !isLocalName(place.host);
  }

  const checkedLookup =
    (place: HostAndPort): LookupFunction =>
    (hostname, options, callback) => {
      resolve(hostname, { ...options, all: true }, (error, found) => {
        if (error) return callback(error, []);
        const isRefused = !isListed(place) && found.some(({ address }) => !isOpen(placeAt(address, place.port)));
        if (isRefused || !found[0]) return callback(new NotPermittedError(`${hostname} may not be reached`), []);
        if (options.all) callback(null, found);
        else callback(null, found[0].address, found[0].family);
      });
    };

  return {
    permits,
    requestOptions(url) {
      // Checked here, since a host that is an address is connected to without a lookup.
      if (!permits(url)) throw new NotPermittedError(`${url.host} may not be reached`);
      return { lookup: checkedLookup(parseHostAndPort(url)) };
    },
  };
}

/** Returns whether a URL has a scheme, host, port and path only: no credentials, query or fragment. */
export const isPlainHttp = (url: URL) =>
  /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(url.href);

const placeAt = (address: string, port: number): HostAndPort => ({ host: parseAddress(address) ?? address, port });

/**
 * Returns whether a place is public and may be a web server: ports below 1024 except 80 and 443 belong to other
 * services.
 */
const isPublicPlace = ({ host, port }: HostAndPort) =>
  isIP(host) !== 0 && isPublicAddress(host) && (port === 80 || port === 443 || port >= 1024);

/** Returns whether a name is for this machine or its network, whatever it resolves to. */
const isLocalName = (host: string) =>
  /(^|\.)(localhost|local|internal|localdomain)\.?$/.test(host) || !host.includes('.');
