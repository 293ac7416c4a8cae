import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commandOf } from '@it0/db/embedded/command-of';
import { expect, vi } from 'vitest';

const checkout = fileURLToPath(new URL('../..', import.meta.url));

/** A data folder of its own; when it goes, so does every process that still belongs to it. */
export function dataFolder() {
  const path = mkdtempSync(join(tmpdir(), 'it0-start-'));
  return {
    path,
    async [Symbol.asyncDispose]() {
      for (const pid of listProcesses(path)) kill(pid, 'SIGKILL');
      await waitUntilNoProcess(path);
      rmSync(path, { recursive: true });
    },
  };
}

/**
 * Types `npm start`, as a terminal does: in a process group of its own. Resolves with the printed link; `group` is what
 * a terminal's Ctrl-C is sent to.
 */
export async function npmStart(dataDir: string) {
  const { PATH, HOME } = process.env;
  const npm = spawn('npm', ['start'], {
    cwd: checkout,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH, HOME, IT0_DATA: dataDir, PORT: '0' },
  });
  let output = '';
  const link = new Promise<string>((resolve, reject) => {
    for (const stream of [npm.stdout, npm.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        const [found] = /http:\S+\/sign-in\/\S+(?=\s)/.exec(output) ?? [];
        if (found) resolve(found);
      });
    }
    npm.on('close', () => reject(new Error(`npm start ended: ${output}`)));
  });
  return { link: await link, pid: npm.pid!, group: -npm.pid!, ended: once(npm, 'close') };
}

/** The processes whose command line or environment names the folder. */
export function listProcesses(folder: string): number[] {
  const names = (pid: string) => {
    try {
      return ['cmdline', 'environ'].some((file) => readFileSync(`/proc/${pid}/${file}`, 'utf8').includes(folder));
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && names(entry))
    .map(Number);
}

export const waitUntilNoProcess = (folder: string) =>
  vi.waitFor(() => expect(listProcesses(folder).map(commandOf)).toEqual([]), { timeout: 30_000 });

export function kill(pid: number, signal: NodeJS.Signals) {
  try {
    process.kill(pid, signal);
  } catch {
    // It was gone already.
  }
}
