import { spawn } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandOf } from './command-of.ts';
import type { RunAs } from './run-as.ts';
import { type Address, quoteListed, removeSocket, SOCKET_PORT, socketOwner } from './socket.ts';

export type Postmaster = Address & { pid: number };

const settings = {
  // No TCP: any process of this machine could listen on the port while the database does not.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: 100,
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: 0,
  jit: 'off',
};

/**
 * Runs the program after the folder of its socket until it ends or until descriptor 3 closes, which happens at the latest
 * when its maker is dead. Then nobody else removes the folder, which is empty by now if it is a temporary one, and nobody
 * reads errors: writing one would end the shell.
 */
const endWithMaker = `
  folder=$1; shift
  "$@" 3<&- & postgres=$!
  { read -r _; kill -INT $postgres; exit 0; } <&3 & watch=$!
  wait $postgres; status=$?
  exec 2>/dev/null
  kill $watch; wait $watch && rmdir "$folder"
  exit $status`;

export type StartOptions = {
  data: string;
  /** The program. */
  postgres: string;
  user: RunAs;
  /** The folder of its socket. */
  socketFolder: string;
  log(line: string): void;
};

/** Starts Postgres in a process group of its own: a terminal's Ctrl-C is for the server, which stops its database last. */
export async function startPostmaster({ data, postgres, user, socketFolder, log }: StartOptions) {
  const { uid, gid, prefix } = user;
  // Postgres takes a socket for one in use when another process has the number of the one that left it.
  if (!runsIn(data, socketOwner(socketFolder))) removeSocket(socketFolder);
  const sockets = { unix_socket_directories: quoteListed(socketFolder) };
  const options = Object.entries({ ...settings, ...sockets }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = [...prefix, postgres, '-D', data, '-p', `${SOCKET_PORT}`, ...options];
  const shell = spawn('/bin/sh', ['-c', endWithMaker, 'sh', socketFolder, ...args], {
    ...{ uid, gid, cwd: '/', detached: true },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  const last: string[] = [];
  await new Promise<void>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (code) => reject(new Error(`Postgres ended with ${code}: ${last.join('\n')}`)));
    createInterface({ input: shell.stderr! }).on('line', (line) => {
      log(line);
      if (last.push(line) > 20) last.shift();
      if (line.includes('ready to accept connections')) resolve();
    });
  });
  const postmaster = await findPostmaster(data);
  if (!postmaster) throw new Error(`Postgres ended at once: ${last.join('\n')}`);
  return { ...postmaster, ended };
}

/**
 * The server that runs in the data folder, for instance one whose owner was killed; one that is just going is waited
 * for. A pid file that no server of this folder stands behind is removed: Postgres would refuse to start because of it.
 */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  const file = join(data, 'postmaster.pid');
  while (existsSync(file)) {
    const [pid, , , port, folder, host, , status] = readFileSync(file, 'utf8').split('\n');
    if (!runsIn(data, Number(pid))) {
      rmSync(file, { force: true });
      return null;
    }
    if (status?.trim() === 'ready') return { pid: Number(pid), host: folder || host!, port: Number(port) };
    await sleep(20);
  }
  return null;
}

/** Returns the folder that the last server in the data folder had its socket in, unless it was shut down in order. */
export function findSocketFolder(data: string): string | undefined {
  try {
    return readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[4];
  } catch {
    return undefined;
  }
}

/** Postgres's fast shutdown: open transactions are rolled back, and the data folder is left clean. */
export async function stopPostmaster(data: string, { pid }: Pick<Postmaster, 'pid'>) {
  if (runsIn(data, pid)) process.kill(pid, 'SIGINT');
  while (runsIn(data, pid)) await sleep(10);
}

/** Whether the process is the Postgres of this folder, and not another one that got its number since. */
const runsIn = (data: string, pid: number) => commandOf(pid).includes(`postgres -D ${data} `);
