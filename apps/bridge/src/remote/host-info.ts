import { readFileSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { hostname } from 'node:os';
import { limits } from '@it0/contracts/limits';
import { BRIDGE_PROTOCOL, type CheckIn } from '@it0/contracts/remote-bridge';
import { head } from '@it0/contracts/text';

/** The part of a check-in that describes the bridge and its host. */
export type HostInfo = Pick<CheckIn, 'protocol' | 'version' | 'host' | 'server' | 'url'>;

export const readHostInfo = (server: string, url: string | null): HostInfo => ({
  protocol: BRIDGE_PROTOCOL.newest,
  version: readPackageVersion(),
  host: head(hostname() || 'unknown', limits.name),
  server,
  url,
});

export const readPackageVersion = (): string =>
  JSON.parse(readFileSync(findPackageJSON(import.meta.url) ?? '', 'utf8')).version;
