import type { AttachmentStore } from '@it0/api/agent/attachment/store';
import { createKeys } from '@it0/api/keys';
import { inspectCluster, type Trait } from '@it0/db/cluster';
import { createDatabase, type Database } from '@it0/db/database';
import { pino } from 'pino';
import { type BusOptions, openBus, toBusTrait, toSecretTrait } from '../../cluster.ts';
import { examineAssistant, examineBridges } from './bridges.ts';
import { examineCallbacks } from './callbacks.ts';
import type { Finding } from './finding.ts';
import { examineJobs } from './jobs.ts';
import { examineProxy } from './proxy.ts';
import { examineTasks } from './tasks.ts';
import { examineTenants, isUsable } from './tenants.ts';

export type ExamineOptions = Pick<BusOptions, 'redisUrl' | 'databaseUrl'> & {
  /** URL of the database: `databaseUrl`, or the embedded one of a running server. */
  url: string;
  secret: string | undefined;
  secretBefore?: string;
  secretNext?: string;
  /** Bucket of attachments, when they are not in the data folder. */
  bucket?: AttachmentStore;
  /** Callback origin of the server on this machine; null when none runs. */
  localOrigin?: string | null;
  /** Whether programs on this machine can impersonate a trusted proxy. */
  isProxyForgeable?: boolean;
};

const MIN_POSTGRES = 15;

/** Checks an installation without changing it, from the database outwards. Works with and without a running server. */
export async function* examine(options: ExamineOptions): AsyncGenerator<Finding> {
  await using db = createDatabase({ url: options.url });
  const database = await examineDatabase(db);
  yield database;
  if (database.advice) return;
  const migrations = await examineMigrations(db);
  yield migrations;
  const { bus, trait } = await examineBus(options);
  yield bus;
  const { secret, secretBefore: before, secretNext: next } = options;
  const keys = secret === undefined ? null : createKeys(secret, { before, next });
  const { finding, count } = await examineServers(db, [trait, keys && toSecretTrait(keys)]);
  yield finding;
  if (options.localOrigin) yield await examineCallbacks(options.localOrigin);
  yield await examineAttachments(options.bucket, count);
  if (migrations.advice) return;
  const tenants = await db.tenants();
  yield* examineTenants(tenants);
  const usable = tenants.filter(isUsable).map(({ id }) => id);
  if (options.isProxyForgeable) yield await examineProxy(db, usable);
  if (keys) {
    yield* examineAssistant(db, keys);
    yield* examineBridges(db, keys, usable);
  } else yield { subject: 'secret', state: 'missing', advice: 'Set IT0_SECRET to the secret of the servers.' };
  yield* examineTasks(db, usable);
  yield* examineJobs(db);
}

async function examineDatabase({ pool }: Database): Promise<Finding> {
  const subject = 'database';
  try {
    const { rows } = await pool.query<{ server_version: string }>('SHOW server_version');
    const version = rows[0]!.server_version;
    const isOld = Number.parseInt(version, 10) < MIN_POSTGRES;
    const advice = isOld ? `Upgrade to PostgreSQL ${MIN_POSTGRES} or later.` : null;
    return { subject, state: `PostgreSQL ${version}`, advice };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : 'no response';
    return { subject, state: `unavailable (${code})`, advice: 'Start the database or correct DATABASE_URL.' };
  }
}

async function examineMigrations(db: Database): Promise<Finding> {
  const pending = await db.pending();
  const subject = 'migrations';
  if (pending.length === 0) return { subject, state: 'applied', advice: null };
  return { subject, state: `${pending.length} pending`, advice: 'Start a server of this version to apply them.' };
}

async function examineBus({ redisUrl, databaseUrl }: ExamineOptions): Promise<{ bus: Finding; trait: Trait | null }> {
  const subject = 'bus';
  if (!redisUrl && !databaseUrl)
    return { bus: { subject, state: 'in the memory of the only server', advice: null }, trait: null };
  const name = redisUrl ? 'Redis' : 'PostgreSQL';
  try {
    await using bus = await openBus({ redisUrl, databaseUrl, log: pino({ level: 'silent' }) });
    const state = `${name}, ${(await bus.ping()).toFixed(1)} ms round trip`;
    return { bus: { subject, state, advice: null }, trait: toBusTrait(bus) };
  } catch {
    const advice = redisUrl
      ? 'Start Redis or correct REDIS_URL.'
      : 'Connect DATABASE_URL directly to PostgreSQL: LISTEN does not work through a transaction pooler.';
    return { bus: { subject, state: `no response over ${name}`, advice }, trait: null };
  }
}

async function examineServers({ pool }: Database, traits: (Trait | null)[]) {
  const subject = 'servers';
  const { count, objections } = await inspectCluster(
    pool,
    traits.filter((trait) => trait !== null),
  );
  const none = { subject, state: 'none is running on this database', advice: 'Start one: npm start.' };
  if (count === 0) return { count, finding: none };
  const advice = objections.length > 0 ? objections.join(' ') : null;
  return { count, finding: { subject, state: `${count} running`, advice } };
}

/** Checks that all servers can read the attachments: several servers need a bucket or a shared disk. */
async function examineAttachments(bucket: AttachmentStore | undefined, servers: number): Promise<Finding> {
  const subject = 'attachments';
  if (!bucket) {
    const advice =
      'Configure a bucket with S3_ENDPOINT, or mount a shared disk at IT0_DATA/attachments on all servers.';
    return { subject, state: 'in the data folder of each server', advice: servers > 1 ? advice : null };
  }
  try {
    await bucket.open('doctor/none');
    return { subject, state: 'in a bucket', advice: null };
  } catch {
    const advice = 'Start the server at S3_ENDPOINT, or correct S3_BUCKET and the access keys.';
    return { subject, state: 'the bucket cannot be read', advice };
  }
}
