import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileCacheDir, sharedCompileCache } from '@it0/bridge/testing/compile-cache';
import { readCommandLine, sendSignal } from '@it0/node/process';
import { expect, vi } from 'vitest';
import { HANG_LIMIT_MS } from './hang-limit.ts';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** Creates a data folder. Its disposal kills every process that still belongs to it. */
export function dataFolder() {
  const path = mkdtempSync(join(tmpdir(), 'it0-start-'));
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const pid of listProcesses(path)) sendSignal(pid, 'SIGKILL');
      await waitUntilNoProcess(path);
      rmSync(path, { recursive: true });
    },
  };
}

/**
 * Runs `npm start` like a terminal: in its own process group. Resolves with the printed link and the id of the `group`,
 * to which a terminal's Ctrl-C is sent.
 */
export async function npmStart(dataDir: string) {
  const { PATH, HOME } = process.env;
  await sharedCompileCache();
  const npm = spawn('npm', ['start'], {
    cwd: checkout,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, IT0_DATA: dataDir, IT0_CACHE: compileCacheDir, PORT: '0' },
  });
  let output = '';
  const link = new Promise<string>((resolve, reject) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        const [url] = /http:\S+\/sign-in\/\S+(?=\s)/.exec(output) ?? [];
        if (url) resolve(url);
      });
    }
    npm.on('close', () => reject(new Error(`npm start ended: ${output}`)));
  });
  return { link: await link, pid: npm.pid!, group: -npm.pid!, ended: once(npm, 'close') };
}

/** Lists the processes whose command line or environment contains the folder. */
export function listProcesses(folder: string): number[] {
  const uses = (pid: string) => {
    try {
      return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && uses(entry))
    .map(Number);
}

export const waitUntilNoProcess = (folder: string) =>
  vi.waitFor(() => expect(listProcesses(folder).map(readCommandLine)).toEqual([]), { timeout: HANG_LIMIT_MS });
