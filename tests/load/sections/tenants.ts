import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { toTenantSchema } from '@it0/contracts/ids';
import { createDatabase, type Database } from '@it0/db/database';
import { MAX_CLIENTS } from '@it0/db/tenant-clients';
import { v7 as newId } from 'uuid';
import type { Options } from '../main.ts';
import { medianOf, type Round, type Row, rowOf } from '../report.ts';
import type { World } from '../world.ts';

const [few, many] = [50, 500];

/**
 * Many tenants on one server: what a client that is kept for a tenant holds, a read when there are more tenants in turn
 * than clients are kept for, and what a start does when all are up to date. The floor is the same with few tenants.
 */
export async function tenants(world: World, { rounds }: Options): Promise<Row[]> {
  const ids = Array.from({ length: many }, () => newId());
  await cloneTenant(world, ids);
  const db = createDatabase({ url: world.databaseUrl });
  try {
    // What all clients share is loaded with the first.
    await db.tenant(ids.at(-1)!).agentInstance.findMany();
    const memory = await memoryOfClients(db, ids.slice(0, MAX_CLIENTS));
    const reads: Round[] = [];
    const starts: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      // The many have pushed out the few: once around without counting.
      await medianRead(db, ids.slice(0, few));
      reads.push({ floor: await medianRead(db, ids.slice(0, few)), value: await medianRead(db, ids) });
      starts.push({ value: await timed(() => db.migrate()) });
    }
    return [
      rowOf('tenants: memory of a kept client, KB', [{ value: memory / 1024 }], { is: 'at most' }),
      rowOf(`tenants: a read, ${few} → ${many} in turn, ms`, reads, { floor: 10, is: 'at most' }),
      rowOf(`tenants: a start with ${many} up to date, ms`, starts, { is: 'at most' }),
    ];
  } finally {
    await db.close();
    await removeClones(world, ids);
  }
}

async function memoryOfClients(db: Database, ids: string[]): Promise<number> {
  const before = memoryUsed();
  for (const id of ids) await db.tenant(id).agentInstance.findMany();
  return (memoryUsed() - before) / ids.length;
}

/** Everybody once, one after the other. */
async function medianRead(db: Database, ids: string[]): Promise<number> {
  const times: number[] = [];
  for (const id of ids) times.push(await timed(() => db.tenant(id).agentInstance.findMany()));
  return medianOf(times)!;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

setFlagsFromString('--expose-gc');
const collect: () => void = runInNewContext('gc');

function memoryUsed(): number {
  collect();
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** As much of a tenant as is read here, an eighth of the time that its migrations take. */
async function cloneTenant({ db, schema }: World, ids: string[]) {
  for (const id of ids) {
    const clone = toTenantSchema(id);
    await db.pool.query(
      ['AgentInstance', '_prisma_migrations']
        .map(
          (table) => `CREATE TABLE ${clone}."${table}" (LIKE ${schema}."${table}" INCLUDING ALL);
          INSERT INTO ${clone}."${table}" SELECT * FROM ${schema}."${table}";`,
        )
        .reduce((sql, more) => sql + more, `CREATE SCHEMA ${clone};`),
    );
  }
  await db.pool.query(
    'INSERT INTO public."Organization" ("id", "name", "slug") SELECT id, id, id FROM unnest($1::uuid[]) id',
    [ids],
  );
}

async function removeClones({ db }: World, ids: string[]) {
  await db.pool.query('DELETE FROM public."Organization" WHERE "id" = ANY($1)', [ids]);
  for (const id of ids) await db.pool.query(`DROP SCHEMA ${toTenantSchema(id)} CASCADE`);
}
