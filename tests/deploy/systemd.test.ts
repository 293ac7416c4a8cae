import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { findProgram } from '@it0/node/sandbox/find-program';
import { CLOSE_MS } from '@it0/server/server';
import { expect, test } from 'vitest';
import { readDeployFile } from './installation-files.ts';

const analyze = findProgram('systemd-analyze');
const units = ['it0.service', 'it0-bridge.service'];
const findValue = (unit: string, name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

test('the units of systemd do not prevent the sandboxes of agents', () => {
  for (const name of units) {
    const unit = readDeployFile(`systemd/${name}`);
    for (const option of [
      'RestrictNamespaces',
      'ProtectProc',
      'ProcSubset',
      'ProtectKernelTunables',
      'ProtectHostname',
    ])
      expect([name, findValue(unit, option)]).toEqual([name, '']);
    expect(findValue(unit, 'SystemCallFilter')).not.toContain('@mount');
  }
});

test('the units of systemd start programs of the checkout, and give them the time to end', () => {
  for (const name of units) {
    const unit = readDeployFile(`systemd/${name}`);
    const program = /apps\/[\w./]+/.exec(findValue(unit, 'ExecStart'))![0];
    const source = program.replace('dist/package/bridge/code/main.js', 'src/remote/main.ts');
    expect(existsSync(fileURLToPath(new URL(`../../${source}`, import.meta.url)))).toBe(true);
    expect(Number(findValue(unit, 'TimeoutStopSec'))).toBeGreaterThan(CLOSE_MS / 1_000);
  }
});

test.runIf(analyze)('systemd accepts the units', () => {
  const dir = mkdtempSync(join(tmpdir(), 'it0-systemd-'));
  try {
    for (const name of units) {
      // Its folder and user are not on this machine.
      const unit = readDeployFile(`systemd/${name}`)
        .replaceAll('/opt/it0/node_modules/.bin/node', process.execPath)
        .replaceAll('/opt/it0', dir)
        .replaceAll(/^(User|Group)=.*$/gm, '$1=root');
      writeFileSync(join(dir, name), unit);
      const { status, stderr } = spawnSync(analyze!, ['verify', '--man=no', join(dir, name)], { encoding: 'utf8' });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    }
  } finally {
    rmSync(dir, { recursive: true });
  }
});
