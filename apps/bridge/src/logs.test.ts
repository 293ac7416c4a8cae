import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { readLogs } from './logs.ts';
import { temporaryFolder } from './testing/folder.ts';

test('readLogs returns the last lines, shortened and with secrets redacted', async () => {
  using folder = temporaryFolder();
  const write = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
  write('gateway.json', JSON.stringify({ token: 'the-gateway-token' }));
  write('gateway.out', 'with the-gateway-token in it\n\nand none\n');
  write(
    'bridge.log',
    `${Array.from({ length: 9_999 }, (_, n) => `line ${n} ${'x'.repeat(40)}`).join('\n')}\n${'é'.repeat(5_000)} \n`,
  );
  const { bridge, gateway } = await readLogs(folder.path, ['the-secret', 'none']);
  expect(gateway).toEqual(['with [hidden] in it', 'and none']);
  expect(bridge).toHaveLength(limits.logLines);
  expect(bridge.at(-1)).toHaveLength(limits.logLine);
  expect(bridge.at(-2)).toMatch(/^line 9998 x+$/);
});

test('readLogs returns no lines when there are no logs', async () => {
  using folder = temporaryFolder();
  expect(await readLogs(folder.path, [])).toEqual({ bridge: [], gateway: [] });
});
