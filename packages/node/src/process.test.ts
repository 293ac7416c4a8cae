import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { isAlive, listProcessTree, readCommandLine, sendSignal } from './process.ts';

test('a process is found with its descendants and command line, and not after its end', async () => {
  const shell = spawn('/bin/sh', ['-c', 'sleep 1000 & echo $!; wait'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const sleep = Number((await once(shell.stdout!, 'data'))[0]);
  expect(await listProcessTree(shell.pid!)).toEqual([shell.pid, sleep]);
  expect(isAlive(sleep)).toBe(true);
  expect(readCommandLine(shell.pid!)).toContain('sh -c sleep 1000');

  const exited = once(shell, 'exit');
  for (const pid of [sleep, shell.pid!]) sendSignal(pid, 'SIGKILL');
  await exited;
  expect([await listProcessTree(shell.pid!), sendSignal(shell.pid!, 0), readCommandLine(shell.pid!)]).toEqual([
    [],
    false,
    '',
  ]);
});
