import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { delay } from '@it0/node/delay';
import { readCommandLine } from '@it0/node/process';
import type { RunAs } from './run-as.ts';
import { type Address, quoteListed, readSocketOwner, removeSocket, SOCKET_PORT } from './socket.ts';

/** A running PostgreSQL server. */
export type Postmaster = Address & { pid: number };

const SETTINGS = {
  // No TCP, since any process of this machine could listen on the port while the database does not run.
  listen_addresses: '',
  unix_socket_permissions: '0700',
  max_connections: 100,
  shared_buffers: '64MB',
  wal_level: 'minimal',
  max_wal_senders: 0,
  jit: 'off',
};

/**
 * Shell script that runs a program until it exits or until descriptor 3 closes, at the latest when the parent exits.
 * Then no other process removes the socket's folder, which is empty if it is a temporary one, and no process reads
 * standard error, where a message would end the shell. Arguments: the folder, the program and its arguments.
 */
const RUN_WHILE_PARENT_LIVES = `
  folder=$1; shift
  "$@" 3<&- & postgres=$!
  { read -r _; kill -INT $postgres; exit 0; } <&3 & watch=$!
  wait $postgres; status=$?
  exec 2>/dev/null
  kill $watch; wait $watch && rmdir "$folder"
  exit $status`;

/** Options of `startPostmaster`. */
export type StartOptions = {
  /** The data folder. */
  data: string;
  /** Path of the program. */
  postgres: string;
  user: RunAs;
  socketFolder: string;
  /** Receives the lines of the server's log. */
  log(line: string): void;
};

/**
 * Starts PostgreSQL and resolves when it accepts connections. It has its own process group, so that Ctrl-C in a
 * terminal reaches only the server, which stops its database last. Throws when PostgreSQL exits.
 */
export async function startPostmaster({ data, postgres, user, socketFolder, log }: StartOptions) {
  const { uid, gid, prefix } = user;
  // PostgreSQL refuses to start when the pid in a stale lock of the socket now belongs to another process.
  if (!runsIn(data, readSocketOwner(socketFolder))) removeSocket(socketFolder);
  const sockets = { unix_socket_directories: quoteListed(socketFolder) };
  const options = Object.entries({ ...SETTINGS, ...sockets }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = [...prefix, postgres, '-D', data, '-p', `${SOCKET_PORT}`, ...options];
  const shell = spawn('/bin/sh', ['-c', RUN_WHILE_PARENT_LIVES, 'sh', socketFolder, ...args], {
    ...{ uid, gid, cwd: '/', detached: true },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => shell.once('close', () => resolve()));
  const lastLines: string[] = [];
  await new Promise<void>((resolve, reject) => {
    shell.once('error', reject);
    shell.once('close', (code) => reject(new Error(`PostgreSQL exited with ${code}: ${lastLines.join('\n')}`)));
    createInterface({ input: shell.stderr! }).on('line', (line) => {
      log(line);
      if (lastLines.push(line) > 20) lastLines.shift();
      if (line.includes('ready to accept connections')) resolve();
    });
  });
  const postmaster = await findPostmaster(data);
  if (!postmaster) throw new Error(`PostgreSQL exited right after its start: ${lastLines.join('\n')}`);
  return { ...postmaster, ended };
}

/**
 * Returns the server that runs in the data folder, for example after its owner was killed; null when there is none.
 * Waits while a server starts or stops. Removes a stale pid file, which would prevent the next start.
 */
export async function findPostmaster(data: string): Promise<Postmaster | null> {
  for (let lines = readPidFile(data); lines; lines = readPidFile(data)) {
    const [pid, , , port, folder, host, , status] = lines;
    if (!runsIn(data, Number(pid))) {
      rmSync(pidFile(data), { force: true });
      return null;
    }
    if (status?.trim() === 'ready') return { pid: Number(pid), host: folder || host!, port: Number(port) };
    await delay(20);
  }
  return null;
}

/** Returns the socket folder of the last server in the data folder; undefined after an orderly shutdown. */
export const findSocketFolder = (data: string): string | undefined => readPidFile(data)?.[4];

const pidFile = (data: string) => join(data, 'postmaster.pid');

/** Returns the lines of the pid file; undefined when there is none. A server can remove it at any time. */
function readPidFile(data: string): string[] | undefined {
  try {
    return readFileSync(pidFile(data), 'utf8').split('\n');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Stops a server with a fast shutdown, which rolls back open transactions, and waits until it has exited. */
export async function stopPostmaster(data: string, { pid }: Pick<Postmaster, 'pid'>) {
  if (runsIn(data, pid)) process.kill(pid, 'SIGINT');
  while (runsIn(data, pid)) await delay(10);
}

/** Returns whether a process is the server of this data folder, and not another one that has reused its pid. */
const runsIn = (data: string, pid: number) => readCommandLine(pid).includes(`postgres -D ${data} `);
