import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Driver } from '@it0/contracts/instance';
import { readCommandLine } from '@it0/node/process';
import { testDatabase } from '@it0/tests/support/database';
import pino from 'pino';
import { expect, test } from 'vitest';
import { moveFolders } from './move-folders.ts';

const log = pino({ level: 'silent' });

/** Creates two tenants and a data folder in the layout of earlier versions. */
async function createWorld() {
  const stack = new AsyncDisposableStack();
  const db = stack.use(await testDatabase());
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-move-'));
  stack.defer(() => rmSync(dataDir, { recursive: true }));
  const root = join(dataDir, 'instances');
  const ours = db.tenantId;
  const theirs = await db.createTenant({ name: 'Other' });
  return {
    ...{ root, ours, theirs },
    async newInstance(
      tenantId: string,
      { id = randomUUID() as string, driver = 'local' as Driver, createdAt = new Date() } = {},
    ) {
      const names = { id, requestId: id, ownerId: id, name: 'x', engineType: 'openclaw' };
      const data = { ...names, driver, createdAt, bridgeSecret: new Uint8Array() };
      await db.tenant(tenantId).agentInstance.create({ data });
      return id;
    },
    /** Creates an instance folder whose workspace contains `plans`. */
    newFolder(path: string, plans = path) {
      mkdirSync(join(root, path, 'workspace'), { recursive: true });
      writeFileSync(join(root, path, 'bridge.log'), '');
      writeFileSync(join(root, path, 'workspace', 'plans.txt'), plans);
    },
    plansIn: (path: string) => readFileSync(join(root, path, 'workspace', 'plans.txt'), 'utf8'),
    move: () => moveFolders({ db, log }, dataDir),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('moveFolders moves the folders of an earlier version below their tenants once, and leaves iAgent’s in place', async () => {
  await using world = await createWorld();
  const [mine, another, yours] = [
    await world.newInstance(world.ours),
    await world.newInstance(world.ours),
    await world.newInstance(world.theirs),
  ];
  for (const path of [mine, another, yours, 'assistant']) world.newFolder(path);
  await world.move();
  const moved = [`${world.ours}/${mine}`, `${world.ours}/${another}`, `${world.theirs}/${yours}`];
  expect(moved.map(world.plansIn)).toEqual([mine, another, yours]);
  expect(readdirSync(world.root).sort()).toEqual([world.ours, world.theirs, 'assistant'].sort());
  await world.move();
  expect(moved.map(world.plansIn)).toEqual([mine, another, yours]);
});

test('moveFolders gives a folder to the tenant that used the id first when two tenants have an instance with that id', async () => {
  await using world = await createWorld();
  const id = await world.newInstance(world.theirs);
  await world.newInstance(world.ours, { id, createdAt: new Date(Date.now() - 60_000) });
  world.newFolder(id);
  await world.move();
  expect(world.plansIn(`${world.ours}/${id}`)).toBe(id);
  expect(existsSync(join(world.root, world.theirs))).toBe(false);
});

test('moveFolders leaves a folder in place when its instance is unknown or remote, or when the target exists', async () => {
  await using world = await createWorld();
  const [unknown, elsewhere, taken] = [
    randomUUID(),
    await world.newInstance(world.ours, { driver: 'remote' }),
    await world.newInstance(world.ours),
  ];
  for (const id of [unknown, elsewhere, taken]) world.newFolder(id);
  world.newFolder(`${world.ours}/${taken}`, 'newer');
  await world.move();
  expect([unknown, elsewhere, taken].map(world.plansIn)).toEqual([unknown, elsewhere, taken]);
  expect(world.plansIn(`${world.ours}/${taken}`)).toBe('newer');
});

test('moveFolders moves a folder whose instance id equals a tenant id', async () => {
  await using world = await createWorld();
  await world.newInstance(world.ours, { id: world.theirs });
  world.newFolder(world.theirs);
  await world.move();
  expect(world.plansIn(`${world.ours}/${world.theirs}`)).toBe(world.theirs);
  expect(existsSync(join(world.root, world.theirs))).toBe(false);
});

test('moveFolders waits until the bridge of an earlier server has ended', async () => {
  await using world = await createWorld();
  const id = await world.newInstance(world.ours);
  world.newFolder(id);
  const folder = join(world.root, id);
  // The bridge writes to its old folder once more before it ends.
  const bridge = spawn(
    process.execPath,
    [
      '-e',
      `process.stdin.on('end', () => require('node:fs').writeFileSync(process.argv[1] + '/last', 'word')).resume(); console.log()`,
      folder,
      'bridge',
    ],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(bridge.stdout!, 'data');
  writeFileSync(join(folder, 'bridge.pid'), `${bridge.pid}`);
  const moving = world.move();
  bridge.stdin!.end();
  await moving;
  expect(readCommandLine(bridge.pid!)).toBe('');
  expect(readFileSync(join(world.root, world.ours, id, 'last'), 'utf8')).toBe('word');
  expect(existsSync(folder)).toBe(false);
});
