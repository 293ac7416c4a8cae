import { mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBridge } from './bridge-process.ts';

test('what is written beside a bridge is its owner’s alone, also where an older version has left it open to others', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'it0-bridge-'));
  writeFileSync(join(dir, 'bridge.pid'), '', { mode: 0o644 });
  const main = join(import.meta.dirname, '../local.fixture.ts');
  const bridge = await startBridge({ dir, secret: 'a secret of the test', env: {}, main });
  const modes = readdirSync(dir).map((name) => [name, statSync(join(dir, name)).mode & 0o077]);
  expect(Object.fromEntries(modes)).toMatchObject({ 'bridge.pid': 0, 'bridge.log': 0 });
  expect(modes.filter(([, mode]) => mode !== 0)).toEqual([]);
  await bridge.end();
  rmSync(dir, { recursive: true });
});
