import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createNoSandbox } from '@it0/node/sandbox/find-sandbox';
import { expect, test } from 'vitest';
import { startBridge } from './bridge-process.ts';

test('what is written beside a bridge is its owner’s alone, and none of it is in the folder that the bridge can change', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bridge-'));
  const main = join(import.meta.dirname, '../local.fixture.ts');
  const cell = { sandbox: createNoSandbox(null), dataDir };
  const bridge = await startBridge({ dir: join(dataDir, 'one'), secret: 'a secret of the test', env: {}, cell, main });
  expect(readdirSync(join(dataDir, 'one'))).toEqual([]);
  const modes = ['one', 'one.pid', 'one.log'].map((name) => statSync(join(dataDir, name)).mode & 0o077);
  expect(modes).toEqual([0, 0, 0]);
  await bridge.end();
  rmSync(dataDir, { recursive: true });
});
