import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const host = `
import { spawn } from 'node:child_process';
import { startProcessReaper } from ${JSON.stringify(new URL('process-reaper.ts', import.meta.url).href)};
const reaper = startProcessReaper(process.env.PATH);
const command = 'setsid sh -c "sleep 600 & sleep 600" & sleep 600';
spawn('sh', ['-c', command], { env: { PATH: process.env.PATH, ...reaper.environment } });
process.stdout.write(Object.entries(reaper.environment)[0].join('='));
process.on('SIGTERM', () => reaper[Symbol.asyncDispose]().then(() => process.exit()));
setInterval(() => {}, 1_000);`;

/** Lists the ids of the processes with the mark in their environment. */
function listMarked(mark: string) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  });
}

test.runIf(process.platform === 'linux').for(['SIGKILL', 'SIGTERM'] as const)(
  'the reaper kills marked processes and their descendants when the bridge exits by %s',
  async (signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', host], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [mark] = await once(child.stdout, 'data');
    await expect.poll(() => listMarked(String(mark)).length).toBeGreaterThanOrEqual(4);
    child.kill(signal);
    await once(child, 'exit');
    await expect.poll(() => listMarked(String(mark))).toEqual([]);
  },
);
