import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { findFreePort } from '@it0/node/free-port';

const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/bin', '/usr/local/bin'];
const program = folders.map((folder) => join(folder, 'redis-server')).find((path) => existsSync(path));

export const hasRedis = program !== undefined;
export const redisHint =
  'No redis-server found. Install one (Debian: apt-get install redis-server; macOS: brew install redis).';

/** Starts a Redis without persistence. */
export async function startRedis() {
  if (!program) throw new Error(redisHint);
  const dir = mkdtempSync(join(tmpdir(), 'it0-redis-'));
  const port = await findFreePort();
  let redis: ChildProcess;

  async function start() {
    const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--dir', dir, '--save', '', '--appendonly', 'no'];
    redis = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    for await (const line of createInterface({ input: redis.stdout! })) if (line.includes('Ready to accept')) return;
    throw new Error('Redis exited during its start.');
  }
  async function kill() {
    const ended = once(redis, 'exit');
    redis.kill('SIGKILL');
    await ended;
  }
  await start();
  process.on('exit', () => redis.kill('SIGKILL'));

  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    /** Kills it. Its data is lost. */
    kill,
    async [Symbol.asyncDispose]() {
      if (redis.exitCode === null && redis.signalCode === null) await kill();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
