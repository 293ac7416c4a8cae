import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { expect, test, vi } from 'vitest';
import { startBridge, toLogFile } from './bridge-process.ts';

/** Starts a fake bridge in a new data folder. */
async function start() {
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bridge-'));
  const dir = join(dataDir, 'bridge');
  const main = join(import.meta.dirname, '../local.fixture.ts');
  const confinement = { sandbox: createNoSandbox('a test'), dataDir };
  return {
    dataDir,
    dir,
    bridge: await startBridge({ dir, secret: 'a secret of the test', env: {}, confinement, main }),
  };
}

test('startBridge writes files that only their owner can access, and returns an address while the bridge runs', async () => {
  const { dataDir, bridge } = await start();
  const modes = readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mode & 0o077]);
  expect(Object.fromEntries(modes)).toMatchObject({ bridge: 0, 'bridge.pid': 0, 'bridge.log': 0 });
  await expect.poll(() => bridge.url()).toMatch(/^psk:/);
  await bridge.end();
  expect(bridge.url()).toBeNull();
  rmSync(dataDir, { recursive: true });
});

test('startBridge bounds the log of a bridge while it runs', async () => {
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  const { dataDir, dir, bridge } = await start();
  const file = toLogFile(dir);
  truncateSync(file, 30_000_000);
  const sizes = () => {
    vi.advanceTimersByTime(60_000);
    return [file, `${file}.1`].map((name) => statSync(name, { throwIfNoEntry: false })?.size);
  };
  await expect.poll(sizes).toEqual([0, 10_000_000]);
  vi.useRealTimers();
  await bridge.end();
  rmSync(dataDir, { recursive: true });
});
