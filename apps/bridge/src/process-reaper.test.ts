import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const host = `
import { spawn } from 'node:child_process';
import { startGuard } from ${JSON.stringify(new URL('guard.ts', import.meta.url).href)};
const guard = startGuard(process.env.PATH);
const command = 'setsid sh -c "sleep 600 & sleep 600" & sleep 600';
spawn('sh', ['-c', command], { env: { PATH: process.env.PATH, ...guard.environment } });
process.stdout.write(Object.entries(guard.environment)[0].join('='));
process.on('SIGTERM', () => guard.close().then(() => process.exit()));
setInterval(() => {}, 1_000);`;

function marked(mark: string) {
  return readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'utf8').includes(mark);
    } catch {
      return false;
    }
  });
}

test.runIf(process.platform === 'linux').for(['SIGKILL', 'SIGTERM'] as const)(
  'processes with the mark, and those that they started, end with a bridge that ends by %s',
  async (signal) => {
    const child = spawn(process.execPath, ['--input-type=module', '--eval', host], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [mark] = await once(child.stdout, 'data');
    await expect.poll(() => marked(String(mark)).length).toBeGreaterThanOrEqual(4);
    child.kill(signal);
    await once(child, 'exit');
    await expect.poll(() => marked(String(mark))).toEqual([]);
  },
);
