import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { isPublicAddress, parseAddress } from './address.ts';
import { type Place, parseHostList, placeOf } from './host-list.ts';

/** In a list of what may be reached: every address of the public internet. */
export const INTERNET = 'internet';

/** Where requests may go. */
export type Reach = {
  /** Whether a URL may be asked, as far as can be told without resolving its host's name. */
  permits(url: URL): boolean;
  /**
   * What `http.request` and the like need for a URL, redirects aside, which they do not follow: the name is resolved,
   * refused unless every address it has may be reached, and the connection goes to the very address that was checked.
   * Throws NotPermittedError for a URL that `permits` refuses.
   */
  requestOptions(url: URL): { lookup: LookupFunction };
};

/** A host, or an address that its name resolves to, may not be reached. */
export class NotPermittedError extends Error {
  override readonly name = 'NotPermittedError';
}

/**
 * Reads what may be reached: `internet`, and what `parseHostList` takes. Throws for an entry that is none of these. A
 * name in the list may have any address; any other name must have only addresses that may be reached themselves.
 */
export function parseReach(entries: string[]): Reach {
  const isListed = parseHostList(entries.filter((entry) => entry !== INTERNET));
  const reachesInternet = entries.includes(INTERNET);
  const isOpen = (place: Place) => isListed(place) || (reachesInternet && isPublicPlace(place));

  function permits(url: URL): boolean {
    if (!isPlainHttp(url)) return false;
    const place = placeOf(url);
    if (isIP(place.host)) return isOpen(placeAt(place.host, place.port));
    return isListed(place) || !isLocalName(place.host);
  }

  const checkedLookup =
    (place: Place): LookupFunction =>
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
      // A host that is an address is connected to without a lookup.
      if (!permits(url)) throw new NotPermittedError(`${url.host} may not be reached`);
      return { lookup: checkedLookup(placeOf(url)) };
    },
  };
}

/** Nothing but a scheme, a host, a port and a path: who is asked, and how, is not hidden in the rest. */
export const isPlainHttp = (url: URL) =>
  /^https?:$/.test(url.protocol) && !url.username && !url.password && !/[?#]/.test(url.href);

const placeAt = (address: string, port: number): Place => ({ host: parseAddress(address) ?? address, port });

/** Ports below 1024 are those of other services, web servers aside. */
const isPublicPlace = ({ host, port }: Place) =>
  isIP(host) !== 0 && isPublicAddress(host) && (port === 80 || port === 443 || port >= 1024);

/** Names that lead to this machine or to its own network, whatever a resolver says. */
const isLocalName = (host: string) =>
  /(^|\.)(localhost|local|internal|localdomain)\.?$/.test(host) || !host.includes('.');
