import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createDatabase, type Database } from '@it0/db/database';
import { toTenantSchema } from '@it0/db/sql';
import { MAX_CLIENTS } from '@it0/db/tenant-clients';
import { v7 as newId } from 'uuid';
import { median, type Round, type Row, toRow } from '../report.ts';
import type { Options, World } from '../world.ts';

const [few, many] = [50, 500];

/**
 * Measures many tenants on one server: the memory of a cached client, a read with more tenants than cached clients, and
 * a start with all migrations applied. The baseline is the same with few tenants.
 */
export async function tenants(world: World, { rounds }: Options): Promise<Row[]> {
  const ids = Array.from({ length: many }, () => newId());
  await cloneTenant(world, ids);
  await using db = createDatabase({ url: world.databaseUrl });
  try {
    // The first client loads what all of them share.
    await db.tenant(ids.at(-1)!).agentInstance.findMany();
    const memory = await measureClientMemory(db, ids.slice(0, MAX_CLIENTS));
    const reads: Round[] = [];
    const starts: Round[] = [];
    for (let round = 0; round < rounds; round++) {
      // Fills the cache with the few tenants again.
      await medianRead(db, ids.slice(0, few));
      reads.push({ baseline: await medianRead(db, ids.slice(0, few)), value: await medianRead(db, ids) });
      starts.push({ value: await measureMs(() => db.migrate()) });
    }
    return [
      toRow('tenants: memory of a cached client, KB', [{ value: memory / 1024 }], { is: 'at most' }),
      toRow(`tenants: a read, ${few} → ${many} in turn, ms`, reads, { baseline: 10, is: 'at most' }),
      toRow(`tenants: a start with ${many} up to date, ms`, starts, { is: 'at most' }),
    ];
  } finally {
    await removeClones(world, ids);
  }
}

async function measureClientMemory(db: Database, ids: string[]): Promise<number> {
  const before = memoryUsed();
  for (const id of ids) await db.tenant(id).agentInstance.findMany();
  return (memoryUsed() - before) / ids.length;
}

/** Reads from each tenant once, one after the other. */
async function medianRead(db: Database, ids: string[]): Promise<number> {
  const times: number[] = [];
  for (const id of ids) times.push(await measureMs(() => db.tenant(id).agentInstance.findMany()));
  return median(times)!;
}

async function measureMs(work: () => Promise<unknown>): Promise<number> {
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

/** Clones only the tables that are read here, which takes an eighth of the time of the migrations. */
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
