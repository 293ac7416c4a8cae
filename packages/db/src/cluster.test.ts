import { testDatabase } from '@it0/tests/support/database';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { type ClusterOptions, inspectCluster, joinCluster } from './cluster.ts';

const onError = () => {};
const trait = (value: string, name = 'bus') => ({ name, value, mismatchMessage: `not ${value}` });
const joined = (options: Omit<ClusterOptions, 'onError'>) => joinCluster({ onError, ...options });
/** Terminates the connections of all servers to this database. */
const TERMINATE = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'it0 server' AND datname = current_database()`;

test('joinCluster accepts servers with equal traits, and refuses a different one until they have left', async () => {
  await using database = await testDatabase();
  const { url } = database;
  {
    await using _first = await joined({ url, traits: [trait('redis 1'), trait('same', 'secret')] });
    await using _second = await joined({ url, traits: [trait('redis 1'), trait('same', 'secret')] });
    await expect(joined({ url, traits: [trait('redis 2'), trait('same', 'secret')] })).rejects.toThrow('not redis 2');
    await expect(joined({ url, traits: [trait('redis 1'), trait('other', 'secret')] })).rejects.toThrow('not other');
  }
  await using _other = await joined({ url, traits: [trait('redis 2'), trait('other', 'secret')] });
});

test('joinCluster accepts servers with different traits when each accepts the value of the other', async () => {
  await using database = await testDatabase();
  const { url } = database;
  const secret = (value: string, ...accepts: string[]) => [{ ...trait(value, 'secret'), accepts }];
  {
    await using _old = await joined({ url, traits: secret('old', 'new') });
    await using _new = await joined({ url, traits: secret('new', 'old') });
    const refused = [secret('old'), secret('new'), secret('third', 'old', 'new')];
    await Promise.all(refused.map((traits) => expect(joined({ url, traits })).rejects.toThrow('not ')));
    expect((await inspectCluster(database.pool, secret('new', 'old'))).objections).toEqual([]);
    expect((await inspectCluster(database.pool, secret('new'))).objections).toEqual(['not new']);
  }
  await using _new = await joined({ url, traits: secret('new', 'old') });
  await using _last = await joined({ url, traits: secret('new') });
  await expect(joined({ url, traits: secret('old', 'new') })).rejects.toThrow('not old');
});

test('inspectCluster returns the number of servers and the mismatches with given traits', async () => {
  await using database = await testDatabase();
  await using _one = await joined({ url: database.url, traits: [trait('a'), trait('b', 'secret')] });
  await using _two = await joined({ url: database.url, traits: [trait('a'), trait('b', 'secret')] });
  expect(await inspectCluster(database.pool, [trait('b', 'secret')])).toEqual({ count: 2, objections: [] });
  expect(await inspectCluster(database.pool, [trait('b')])).toEqual({ count: 2, objections: ['not b'] });
});

test('only servers with equal traits remain when different ones join at the same time', async () => {
  await using database = await testDatabase();
  const { url } = database;
  const results = await Promise.allSettled(
    ['a', 'b', 'a', 'b'].map((value) => joined({ url, traits: [trait(value)] })),
  );
  const refusals = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.message] : []));
  expect(new Set(refusals).size).toBe(1);
  expect(refusals.length).toBe(2);
  for (const result of results) if (result.status === 'fulfilled') await result.value[Symbol.asyncDispose]();
});

test('one server is the leader, and another one replaces it when it leaves', async () => {
  await using database = await testDatabase();
  const options = { url: database.url, traits: [trait('a')] };
  const changes: string[] = [];
  const first = await joined(options);
  await using second = await joined(options);
  await first.campaign((isLeader) => changes.push(`first ${isLeader}`));
  await second.campaign((isLeader) => changes.push(`second ${isLeader}`));
  expect(changes).toEqual(['first true']);
  await first[Symbol.asyncDispose]();
  await until(() => changes.length > 1);
  expect(changes).toEqual(['first true', 'second true']);
});

test('a leader that resigns is replaced while it stays in the cluster', async () => {
  await using database = await testDatabase();
  const options = { url: database.url, traits: [trait('a')] };
  const changes: string[] = [];
  await using first = await joined(options);
  await using second = await joined(options);
  await first.campaign((isLeader) => changes.push(`first ${isLeader}`));
  await second.campaign((isLeader) => changes.push(`second ${isLeader}`));
  await first.resign();
  await until(() => changes.length > 1);
  expect(changes).toEqual(['first true', 'second true']);
  expect(await inspectCluster(database.pool, options.traits)).toMatchObject({ count: 2 });
});

test('the leader reconnects after a lost connection and remains the leader without a notification', async () => {
  await using database = await testDatabase();
  const errors: unknown[] = [];
  const changes: boolean[] = [];
  const options = { url: database.url, traits: [trait('a')], onError: (error: unknown) => errors.push(error) };
  await using servers = await joinCluster(options);
  await servers.campaign((isLeader) => changes.push(isLeader));
  await database.pool.query(TERMINATE);
  await until(() => servers.problem() !== null);
  await until(() => servers.problem() === null);
  await expect(joined({ ...options, traits: [trait('b')] })).rejects.toThrow('not b');
  expect([errors.length, changes]).toEqual([1, [true]]);
});
