import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { expect, test } from 'vitest';
import { startBridge } from './bridge-process.ts';

test('startBridge writes files that only their owner can access, and has an address as long as the bridge runs', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bridge-'));
  const dir = join(dataDir, 'bridge');
  const main = join(import.meta.dirname, '../local.fixture.ts');
  const cell = { sandbox: createNoSandbox('a test'), dataDir };
  const bridge = await startBridge({ dir, secret: 'a secret of the test', env: {}, cell, main });
  const modes = readdirSync(dataDir).map((name) => [name, statSync(join(dataDir, name)).mode & 0o077]);
  expect(Object.fromEntries(modes)).toMatchObject({ bridge: 0, 'bridge.pid': 0, 'bridge.log': 0 });
  await expect.poll(() => bridge.url()).toMatch(/^psk:/);
  await bridge.end();
  expect(bridge.url()).toBeNull();
  rmSync(dataDir, { recursive: true });
});
