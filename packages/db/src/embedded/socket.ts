import { chownSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { RunAs } from './run-as.ts';

/** Address of a server: the folder of its Unix socket, or a host name as in earlier versions. */
export type Address = { host: string; port: number };

/** The port in the name of the socket. */
export const SOCKET_PORT = 5432;
/** Maximum length of a socket's path in bytes on macOS; Linux allows four more. */
const MAX_SOCKET_PATH_BYTES = 103;

/** Prefix of the name of a temporary folder. */
const TEMPORARY_PREFIX = 'it0-postgres-';

const toSocketPath = (folder: string) => join(folder, `.s.PGSQL.${SOCKET_PORT}`);

/**
 * Returns the folder for the socket of the server in `data`, which only that server's and this process's user can
 * enter: the data folder, or a new temporary folder when its path is too long for a socket.
 */
export function openSocketFolder(data: string, { uid, gid }: RunAs): string {
  if (Buffer.byteLength(toSocketPath(data)) <= MAX_SOCKET_PATH_BYTES) return data;
  const folder = mkdtempSync(join(tmpdir(), TEMPORARY_PREFIX));
  if (uid && gid) chownSync(folder, uid, gid);
  return folder;
}

/** Removes a temporary folder for the socket of the server in `data`. */
export function removeSocketFolder(folder: string, data: string) {
  if (folder !== data && basename(folder).startsWith(TEMPORARY_PREFIX))
    rmSync(folder, { recursive: true, force: true });
}

/** Returns the process that the lock of a socket names, or NaN. */
export function readSocketOwner(folder: string): number {
  try {
    return Number.parseInt(readFileSync(`${toSocketPath(folder)}.lock`, 'utf8'), 10);
  } catch {
    return Number.NaN;
  }
}

/** Removes a socket and its lock. */
export function removeSocket(folder: string) {
  for (const file of [toSocketPath(folder), `${toSocketPath(folder)}.lock`]) rmSync(file, { force: true });
}

/** Quotes a folder for a setting that is a list. */
export const quoteListed = (folder: string) => `"${folder.replaceAll('"', '""')}"`;

/** Returns the URL of the database. The host in the query overrides the one before it, and may be a folder. */
export const formatUrl = (role: string, password: string, { host, port }: Address) =>
  `postgresql://${role}:${password}@localhost:${port}/postgres?host=${encodeURIComponent(host)}`;
