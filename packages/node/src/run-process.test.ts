import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isAlive } from './process.ts';
import { type ProcessOptions, runProcess } from './run-process.ts';

async function run(script: string, overrides: Partial<ProcessOptions> = {}) {
  let output = '';
  const end = await runProcess({
    argv: ['/bin/sh', '-c', script],
    cwd: '/',
    env: { PATH: process.env.PATH! },
    timeoutMs: 60_000,
    maxOutputBytes: 1_000_000,
    signal: new AbortController().signal,
    ...overrides,
    onOutput(text) {
      output += text;
      overrides.onOutput?.(text);
    },
  });
  return { output, ...end };
}

test('runProcess gives a process an empty input, no terminal and the given environment only', async () => {
  const { output, exitCode } = await run('cat; tty; env | grep -v -e PWD -e SHLVL -e "^_="; exit 3', {
    env: { ONLY: 'this' },
  });
  expect(output).toContain('not a tty');
  expect(output).toContain('ONLY=this');
  expect(output).not.toContain('PATH=');
  expect(exitCode).toBe(3);
});

test('runProcess rejects when the program cannot be started', async () => {
  await expect(run('', { argv: ['/no/such/program'] })).rejects.toThrow('ENOENT');
});

test('runProcess kills the process group on abort and on timeout', async () => {
  for (const how of ['cancel', 'timeout'] as const) {
    const stop = new AbortController();
    let child = 0;
    const ended = run('sleep 600 & echo $!; wait', {
      signal: stop.signal,
      timeoutMs: how === 'timeout' ? 300 : 60_000,
      onOutput(output) {
        child ||= Number(output);
        if (how === 'cancel') stop.abort();
      },
    });
    expect(await ended).toMatchObject({ exitCode: null, stoppedBy: how });
    expect(child).toBeGreaterThan(0);
    await expect.poll(() => isAlive(child)).toBe(false);
  }
});

test('runProcess kills background processes in the group when the program exits', async () => {
  const { output, exitCode } = await run('sleep 600 & echo $!');
  expect(exitCode).toBe(0);
  await expect.poll(() => isAlive(Number(output))).toBe(false);
});

test('onOutput receives whole characters when their bytes arrive separately', async () => {
  const { output } = await run("printf '\\344\\270'; sleep 0.1; printf '\\255\\n'");
  expect(output).toBe('中\n');
});

test('runProcess stops a process that exceeds maxOutputBytes', async () => {
  expect(await run('yes')).toMatchObject({ stoppedBy: 'output' });
});

test('runProcess starts nothing when the signal is already aborted', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'run-process-'));
  const ran = join(folder, 'ran');
  await expect(run(`touch ${ran}`, { signal: AbortSignal.abort() })).rejects.toThrow();
  expect(existsSync(ran)).toBe(false);
  rmSync(folder, { recursive: true });
});
