import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { createKeys } from '@it0/api/auth/keys';
import { findClusterServers, type Trait } from '@it0/db/cluster';
import { createDatabase, type Database } from '@it0/db/database';
import { pino } from 'pino';
import { type BusOptions, busTrait, openBus, secretTrait } from '../../cluster.ts';
import { examineAssistant, examineBridges } from './bridges.ts';
import { examineCallbacks } from './callbacks.ts';
import type { Finding } from './finding.ts';
import { examineProxy } from './proxy.ts';
import { examineTasks } from './tasks.ts';
import { examineTenants, isUsable } from './tenants.ts';

export type Patient = Pick<BusOptions, 'redisUrl' | 'databaseUrl'> & {
  /** Where the database answers: the one of `databaseUrl`, or the embedded one of a server that runs. */
  url: string;
  secret: string | undefined;
  secretBefore?: string;
  secretNext?: string;
  /** Where attachments are, if that is a bucket. */
  bucket?: AttachmentStore;
  /** The callback origin of the server on this machine; null when none runs. */
  localOrigin?: string | null;
  /** Programs on this machine pass for a trusted proxy. */
  isProxyForgeable?: boolean;
};

const oldestPostgres = 15;

/** Looks at what can be wrong, from the database outwards, whether a server runs or not. Changes nothing. */
export async function* examine(patient: Patient): AsyncGenerator<Finding> {
  const db = createDatabase({ url: patient.url });
  try {
    const database = await examineDatabase(db);
    yield database;
    if (database.todo) return;
    const migrations = await examineMigrations(db);
    yield migrations;
    const { bus, trait } = await examineBus(patient);
    yield bus;
    const { secret, secretBefore: before, secretNext: next } = patient;
    const keys = secret === undefined ? null : createKeys(secret, { before, next });
    const { finding, count } = await examineServers(db, [trait, keys && secretTrait(keys)]);
    yield finding;
    if (patient.localOrigin) yield await examineCallbacks(patient.localOrigin);
    yield await examineAttachments(patient.bucket, count);
    if (migrations.todo) return;
    const tenants = await db.tenants();
    yield* examineTenants(tenants);
    const usable = tenants.filter(isUsable).map(({ id }) => id);
    if (patient.isProxyForgeable) yield await examineProxy(db, usable);
    if (keys) {
      yield* examineAssistant(db, keys);
      yield* examineBridges(db, keys, usable);
    } else yield { what: 'secret', seen: 'there is none', todo: 'Set IT0_SECRET to the one that the servers have.' };
    yield* examineTasks(db, usable);
  } finally {
    await db.close();
  }
}

async function examineDatabase({ pool }: Database): Promise<Finding> {
  const what = 'database';
  try {
    const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
    const version = rows[0]!.server_version;
    const old = Number.parseInt(version, 10) < oldestPostgres;
    return { what, seen: `PostgreSQL ${version}`, todo: old ? `Use PostgreSQL ${oldestPostgres} or newer.` : null };
  } catch (error) {
    const why = error instanceof Error && 'code' in error ? error.code : 'no answer';
    return { what, seen: `cannot be used (${why})`, todo: 'Start the database, or correct DATABASE_URL.' };
  }
}

async function examineMigrations(db: Database): Promise<Finding> {
  const pending = await db.pending();
  const seen = pending.length === 0 ? 'applied' : `${pending.length} are to be applied`;
  const todo = pending.length === 0 ? null : 'Start a server of this version: it applies them.';
  return { what: 'migrations', seen, todo };
}

async function examineBus({ redisUrl, databaseUrl }: Patient): Promise<{ bus: Finding; trait: Trait | null }> {
  const what = 'bus';
  if (!redisUrl && !databaseUrl)
    return { bus: { what, seen: 'in the memory of the one server', todo: null }, trait: null };
  const name = redisUrl ? 'Redis' : 'PostgreSQL';
  try {
    const bus = await openBus({ redisUrl, databaseUrl, log: pino({ level: 'silent' }) });
    try {
      const seen = `${name}, ${(await bus.ping()).toFixed(1)} ms there and back`;
      return { bus: { what, seen, todo: null }, trait: busTrait(bus) };
    } finally {
      await bus.close();
    }
  } catch {
    const todo = redisUrl
      ? 'Start the Redis of REDIS_URL, or correct the address.'
      : 'Let DATABASE_URL lead to PostgreSQL itself: LISTEN does not work through a transaction pooler.';
    return { bus: { what, seen: `nothing comes back over ${name}`, todo }, trait: null };
  }
}

async function examineServers({ pool }: Database, traits: (Trait | null)[]) {
  const what = 'servers';
  const { count, objections } = await findClusterServers(
    pool,
    traits.filter((trait) => trait !== null),
  );
  const none = { what, seen: 'none runs on this database', todo: 'Start one: npm start.' };
  if (count === 0) return { count, finding: none };
  const todo = objections.length > 0 ? objections.join(' ') : null;
  return { count, finding: { what, seen: count === 1 ? 'one runs' : `${count} run`, todo } };
}

/** A folder is one server's own, unless it is on a disk that they share. */
async function examineAttachments(bucket: AttachmentStore | undefined, servers: number): Promise<Finding> {
  const what = 'attachments';
  if (!bucket) {
    const todo = 'Set S3_ENDPOINT and what goes with it, or give all servers one disk for IT0_DATA/attachments.';
    return { what, seen: 'in the data folder of each server', todo: servers > 1 ? todo : null };
  }
  try {
    await bucket.open('doctor/none');
    return { what, seen: 'in a bucket', todo: null };
  } catch {
    return {
      what,
      seen: 'their bucket cannot be read',
      todo: 'Start what S3_ENDPOINT names, or correct S3_BUCKET and the keys.',
    };
  }
}
