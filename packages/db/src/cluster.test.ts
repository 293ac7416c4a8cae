import { testDatabase } from '@it0/tests/support/database';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { findClusterServers, joinCluster, type ServersOptions } from './cluster.ts';

const onTrouble = () => {};
const trait = (value: string, name = 'bus') => ({ name, value, mismatchMessage: `not ${value}` });
const joined = async (options: Omit<ServersOptions, 'onTrouble'>) => {
  const servers = await joinCluster({ onTrouble, ...options });
  return { ...servers, [Symbol.asyncDispose]: servers.close };
};
/** Ends every connection of servers to this database. */
const CUT = `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE application_name = 'it0 server' AND datname = current_database()`;

test('servers that are alike run side by side; one that differs is refused until they are gone', async () => {
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

test('servers that differ run side by side when each accepts what the other has', async () => {
  await using database = await testDatabase();
  const { url } = database;
  const secret = (value: string, ...accepts: string[]) => [{ ...trait(value, 'secret'), accepts }];
  {
    await using _old = await joined({ url, traits: secret('old', 'new') });
    await using _new = await joined({ url, traits: secret('new', 'old') });
    const refused = [secret('old'), secret('new'), secret('third', 'old', 'new')];
    await Promise.all(refused.map((traits) => expect(joined({ url, traits })).rejects.toThrow('not ')));
    expect((await findClusterServers(database.pool, secret('new', 'old'))).objections).toEqual([]);
    expect((await findClusterServers(database.pool, secret('new'))).objections).toEqual(['not new']);
  }
  await using _new = await joined({ url, traits: secret('new', 'old') });
  await using _last = await joined({ url, traits: secret('new') });
  await expect(joined({ url, traits: secret('old', 'new') })).rejects.toThrow('not old');
});

test('whoever asks is told how many run, and what they would say to one that differs', async () => {
  await using database = await testDatabase();
  await using _one = await joined({ url: database.url, traits: [trait('a'), trait('b', 'secret')] });
  await using _two = await joined({ url: database.url, traits: [trait('a'), trait('b', 'secret')] });
  expect(await findClusterServers(database.pool, [trait('b', 'secret')])).toEqual({ count: 2, objections: [] });
  expect(await findClusterServers(database.pool, [trait('b')])).toEqual({ count: 2, objections: ['not b'] });
});

test('of servers that start at the same moment and differ, some stay, and all that stay are alike', async () => {
  await using database = await testDatabase();
  const { url } = database;
  const tries = await Promise.allSettled(['a', 'b', 'a', 'b'].map((value) => joined({ url, traits: [trait(value)] })));
  const refusals = tries.flatMap((result) => (result.status === 'rejected' ? [result.reason.message] : []));
  expect(new Set(refusals).size).toBe(1);
  expect(refusals.length).toBe(2);
  for (const result of tries) if (result.status === 'fulfilled') await result.value.close();
});

test('one of them leads, and another one follows when it is gone', async () => {
  await using database = await testDatabase();
  const options = { url: database.url, traits: [trait('a')] };
  const told: string[] = [];
  const first = await joined(options);
  await using second = await joined(options);
  await first.lead((leads) => told.push(`first ${leads}`));
  await second.lead((leads) => told.push(`second ${leads}`));
  expect(told).toEqual(['first true']);
  await first.close();
  await until(() => told.length > 1);
  expect(told).toEqual(['first true', 'second true']);
});

test('a lost connection is made again, and who led goes on without a word', async () => {
  await using database = await testDatabase();
  const troubles: unknown[] = [];
  const told: boolean[] = [];
  const options = { url: database.url, traits: [trait('a')], onTrouble: (error: unknown) => troubles.push(error) };
  const servers = await joinCluster(options);
  await servers.lead((leads) => told.push(leads));
  await database.pool.query(CUT);
  await until(() => servers.trouble() !== null);
  await until(() => servers.trouble() === null);
  await expect(joined({ ...options, traits: [trait('b')] })).rejects.toThrow('not b');
  expect([troubles.length, told]).toEqual([1, [true]]);
  await servers.close();
});
