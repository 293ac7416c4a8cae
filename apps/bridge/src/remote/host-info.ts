import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { hostname } from 'node:os';
import { limits } from '@it0/contracts/limits';
import { BRIDGE_PROTOCOL, type CheckIn } from '@it0/contracts/remote-bridge';
import { head } from '@it0/contracts/text';

/** What a bridge says of itself each time. */
export type HostInfo = Pick<CheckIn, 'protocol' | 'version' | 'host' | 'server' | 'url'>;

export const readHostInfo = (server: string, url: string | null): HostInfo => ({
  protocol: BRIDGE_PROTOCOL.newest,
  version: packageVersion(),
  host: head(hostname() || 'unknown', limits.name),
  server,
  url,
});

export const packageVersion = (): string =>
  JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? '', 'utf8')).version;
