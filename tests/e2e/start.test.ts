import { readCommandLine, sendSignal } from '@it0/node/process';
import { dataFolder, listProcesses, npmStart, waitUntilNoProcess } from '@it0/tests/support/npm-start';
import { redeemSignInLink } from '@it0/tests/support/sign-in-link';
import { expect, test } from 'vitest';

const getStatus = async (link: string) => (await fetch(new URL('/', link))).status;
const signIn = async (link: string) => (await redeemSignInLink(link)).headers.get('set-cookie');

test('two servers run side by side, and stop on Ctrl-C or SIGTERM to npm', async () => {
  await using first = dataFolder();
  await using second = dataFolder();
  const [one, two] = await Promise.all([npmStart(first.path), npmStart(second.path)]);
  expect(await signIn(one.link)).toContain('HttpOnly');
  expect(await getStatus(two.link)).toBe(200);

  sendSignal(one.group, 'SIGINT');
  await one.ended;
  await waitUntilNoProcess(first.path);

  expect(await getStatus(two.link)).toBe(200);
  sendSignal(two.pid, 'SIGTERM');
  await two.ended;
  await waitUntilNoProcess(second.path);
});

test('a killed server leaves no processes', async () => {
  await using folder = dataFolder();
  await npmStart(folder.path);
  sendSignal(listProcesses(folder.path).find((pid) => readCommandLine(pid).includes('server/src/main.ts'))!, 'SIGKILL');
  await waitUntilNoProcess(folder.path);
});

test('a start recovers after all processes were killed, and a killed npm leaves none', async () => {
  await using folder = dataFolder();
  await npmStart(folder.path);
  for (const pid of listProcesses(folder.path)) sendSignal(pid, 'SIGKILL');

  const recovered = await npmStart(folder.path);
  expect(await signIn(recovered.link)).toContain('HttpOnly');
  sendSignal(recovered.pid, 'SIGKILL');
  await waitUntilNoProcess(folder.path);
});
