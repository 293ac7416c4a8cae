import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limitLog, rotateLog } from './limit-log.ts';

function createLog() {
  const dir = mkdtempSync(join(tmpdir(), 'it0-log-'));
  const file = join(dir, 'log');
  const read = (name: string) => (existsSync(name) ? readFileSync(name, 'utf8') : '');
  return {
    file,
    old: () => read(`${file}.1`),
    all: () => read(`${file}.1`) + read(file),
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

test('rotateLog bounds a log that another process goes on appending to, and keeps its end', async () => {
  using log = createLog();
  const out = openSync(log.file, 'a', 0o600);
  // Writes each line of its input to the log, and then `done` to descriptor 3.
  const script = 'while read line; do echo "$line"; echo done >&3; done';
  const child = spawn('/bin/sh', ['-c', script], { stdio: ['pipe', out, 'inherit', 'pipe'] });
  closeSync(out);
  let written = '';
  for (let line = 0; line < 100; line++) {
    child.stdin!.write(`line ${line}\n`);
    await once(child.stdio[3]!, 'data');
    written += `line ${line}\n`;
    await rotateLog(log.file, 100);
    expect(statSync(log.file).size).toBeLessThanOrEqual(100);
    expect(log.old().length).toBeLessThanOrEqual(100);
    expect(written.endsWith(log.all())).toBe(true);
    expect(log.all().length).toBeGreaterThanOrEqual(Math.min(written.length, 100));
  }
  child.stdin!.end();
  await once(child, 'exit');
  expect(statSync(`${log.file}.1`).mode & 0o077).toBe(0);
});

test('rotateLog keeps no more than its limit of a log that has become much larger', async () => {
  using log = createLog();
  writeFileSync(log.file, `${'x'.repeat(10_000)}end`);
  await rotateLog(log.file, 100);
  expect([log.old(), statSync(log.file).size]).toEqual([`${'x'.repeat(97)}end`, 0]);
});

test('limitLog rotates a log that becomes too large later', async () => {
  using log = createLog();
  await using _limiting = limitLog(log.file, { maxBytes: 100, everyMs: 1 });
  writeFileSync(log.file, 'x'.repeat(101));
  await expect.poll(log.old).toBe('x'.repeat(100));
});
