import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findOrigin, writeOrigin } from '@it0/server/address-file';
import { examineCallbacks } from '@it0/server/cli/doctor/callbacks';
import { testApp } from '@it0/tests/support/app';
import { runCommand } from '@it0/tests/support/command';
import { createFixture } from '@it0/tests/support/fixture';
import { expect, test } from 'vitest';

test.for(['127.0.0.1', '127.0.0.2', '0.0.0.0', '::1', '::', 'localhost'])(
  'a task completes and doctor reports no problem when the server listens on %s',
  async (host) => {
    await using world = await createFixture({ host });
    const { app, bridge, client } = world;
    const { task, sessionId } = await world.send();
    expect((await bridge.report(task, { type: 'completed', text: 'The disks are fine.' })).status).toBe(200);
    const { messages } = await client.session.messages.query({ sessionId });
    expect(messages.map(({ status }) => status)).toEqual([null, 'COMPLETED']);

    const { origin } = new URL(task.callbackUrl);
    expect(findOrigin(app.dataDir)).toBe(origin);
    expect(await examineCallbacks(origin)).toEqual({
      subject: 'callbacks',
      state: `reachable at ${origin}`,
      advice: null,
    });
  },
);

test('doctor reports a callback address at which nothing responds', async () => {
  await using app = await testApp();
  const origin = findOrigin(app.dataDir)!;
  const env = { DATABASE_URL: app.database.url, IT0_SECRET: app.secret, IT0_DATA: app.dataDir };
  expect((await runCommand('doctor', [], env)).output).toContain(`✓ callbacks: reachable at ${origin}\n`);
  await app.stop();
  expect(await examineCallbacks(origin)).toEqual({
    subject: 'callbacks',
    state: `no response at ${origin}`,
    advice: expect.stringContaining('HOST'),
  });
  expect(findOrigin(app.dataDir)).toBeNull();
});

test('a stopping server keeps the address file of another server with the same data folder and origin', () => {
  const dir = mkdtempSync(join(tmpdir(), 'it0-address-'));
  const origin = 'http://127.0.0.1:3000';
  const [first, second] = [writeOrigin(dir, origin), writeOrigin(dir, origin)];
  first[Symbol.dispose]();
  expect(findOrigin(dir)).toBe(origin);
  second[Symbol.dispose]();
  expect(findOrigin(dir)).toBeNull();
  second[Symbol.dispose]();
  rmSync(dir, { recursive: true });
});

test('user:add prints a link that a browser can open, and refuses an invalid IT0_URL in one line', async () => {
  await using app = await testApp();
  const add = (env: Record<string, string>) =>
    runCommand('user-add', ['--email', `${randomUUID()}@example.com`], {
      ...{ DATABASE_URL: app.database.url, IT0_SECRET: app.secret, PORT: '4321' },
      ...env,
    });
  const [everywhere, behindProxy, below] = await Promise.all([
    add({ HOST: '::' }),
    add({ IT0_URL: 'https://ops.example.com/' }),
    add({ IT0_URL: 'https://ops.example.com/it0' }),
  ]);
  expect(everywhere.output).toMatch(/\nhttp:\/\/localhost:4321\/sign-in\/[\w-]{43}\n/);
  expect(behindProxy.output).toMatch(/\nhttps:\/\/ops.example.com\/sign-in\/[\w-]{43}\n/);
  expect(below).toEqual({ code: 1, output: expect.stringMatching(/^✗ The server cannot start: IT0_URL: .*\n$/) });
});
