import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOf } from '@it0/db/embedded/command-of';
import { testDatabase } from '@it0/tests/support/database';
import pino from 'pino';
import { expect, test } from 'vitest';
import { moveFolders } from './move-folders.ts';

const log = pino({ level: 'silent' });

/** Sets up two tenants and a data folder in the layout of earlier versions. */
async function stage() {
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
      { id = randomUUID() as string, driver = 'local', createdAt = new Date() } = {},
    ) {
      const names = { id, requestId: id, ownerId: id, name: 'x', engineType: 'openclaw' };
      const data = { ...names, driver, createdAt, bridgeSecret: new Uint8Array() };
      await db.tenant(tenantId).agentInstance.create({ data });
      return id;
    },
    /** Creates an instance folder whose workspace contains `plans`. */
    newFolder(place: string, plans = place) {
      mkdirSync(join(root, place, 'workspace'), { recursive: true });
      writeFileSync(join(root, place, 'bridge.log'), '');
      writeFileSync(join(root, place, 'workspace', 'plans.txt'), plans);
    },
    plansIn: (place: string) => readFileSync(join(root, place, 'workspace', 'plans.txt'), 'utf8'),
    move: () => moveFolders({ db, log }, dataDir),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

test('moveFolders moves the folders of an earlier version below their tenants once, and leaves iAgent’s in place', async () => {
  await using it = await stage();
  const [mine, another, yours] = [
    await it.newInstance(it.ours),
    await it.newInstance(it.ours),
    await it.newInstance(it.theirs),
  ];
  for (const place of [mine, another, yours, 'assistant']) it.newFolder(place);
  await it.move();
  const moved = [`${it.ours}/${mine}`, `${it.ours}/${another}`, `${it.theirs}/${yours}`];
  expect(moved.map(it.plansIn)).toEqual([mine, another, yours]);
  expect(readdirSync(it.root).sort()).toEqual([it.ours, it.theirs, 'assistant'].sort());
  await it.move();
  expect(moved.map(it.plansIn)).toEqual([mine, another, yours]);
});

test('moveFolders gives a folder to the tenant that used the id first when two tenants have an instance with that id', async () => {
  await using it = await stage();
  const id = await it.newInstance(it.theirs);
  await it.newInstance(it.ours, { id, createdAt: new Date(Date.now() - 60_000) });
  it.newFolder(id);
  await it.move();
  expect(it.plansIn(`${it.ours}/${id}`)).toBe(id);
  expect(existsSync(join(it.root, it.theirs))).toBe(false);
});

test('moveFolders leaves a folder in place when its instance is unknown or remote, or when the target exists', async () => {
  await using it = await stage();
  const [unknown, elsewhere, taken] = [
    randomUUID(),
    await it.newInstance(it.ours, { driver: 'remote' }),
    await it.newInstance(it.ours),
  ];
  for (const id of [unknown, elsewhere, taken]) it.newFolder(id);
  it.newFolder(`${it.ours}/${taken}`, 'newer');
  await it.move();
  expect([unknown, elsewhere, taken].map(it.plansIn)).toEqual([unknown, elsewhere, taken]);
  expect(it.plansIn(`${it.ours}/${taken}`)).toBe('newer');
});

test('moveFolders moves a folder whose instance id equals a tenant id', async () => {
  await using it = await stage();
  await it.newInstance(it.ours, { id: it.theirs });
  it.newFolder(it.theirs);
  await it.move();
  expect(it.plansIn(`${it.ours}/${it.theirs}`)).toBe(it.theirs);
  expect(existsSync(join(it.root, it.theirs))).toBe(false);
});

test('moveFolders waits until the bridge of an earlier server has ended', async () => {
  await using it = await stage();
  const id = await it.newInstance(it.ours);
  it.newFolder(id);
  const folder = join(it.root, id);
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
  const moving = it.move();
  bridge.stdin!.end();
  await moving;
  expect(commandOf(bridge.pid!)).toBe('');
  expect(readFileSync(join(it.root, it.ours, id, 'last'), 'utf8')).toBe('word');
  expect(existsSync(folder)).toBe(false);
});
