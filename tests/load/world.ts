import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createKeys } from '@it0/api/keys';
import { createDatabase, type Database } from '@it0/db/database';
import { readAdminUrl, startEmbedded } from '@it0/db/embedded';
import { findPostmaster } from '@it0/db/embedded/postmaster';
import { quoteTenantSchema } from '@it0/db/sql';
import { newPerson } from '@it0/tests/support/person';
import { v7 as newId } from 'uuid';
import { type Subject, startSubject } from './subject.ts';

const secret = 'the secret of the benchmark server';
const keys = createKeys(secret);
export const serverMain = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

/** A session with a running task and the token for its callbacks. */
export type Session = { sessionId: string; taskId: string; token: string; n: number; offset: number };

/** Duration of a measurement, how often it is repeated, and whether rough numbers are enough. */
export type Options = { ms: number; rounds: number; quick: boolean };

export type World = Awaited<ReturnType<typeof createWorld>>;

/** Starts the server like `npm start`, with the embedded database, one person and that person's running instance. */
export async function createWorld() {
  const undo = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bench-'));
  undo.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const prepared = await prepare(join(dataDir, 'postgres'));
  const server = await startSubject(serverMain, {
    IT0_DATA: dataDir,
    IT0_SECRET: secret,
    PORT: '0',
    // One person makes all requests.
    IT0_TASKS_PER_MINUTE: '100000000',
    IT0_CALLS_PER_MINUTE: '100000000',
    IT0_SOCKETS_PER_PERSON: '20000',
  });
  undo.defer(() => server.stop());
  const postmaster = await findPostmaster(join(dataDir, 'postgres'));
  const databaseUrl = readAdminUrl(join(dataDir, 'postgres'), postmaster!);
  const db = undo.use(createDatabase({ url: databaseUrl }));
  const schema = quoteTenantSchema(prepared.tenantId);

  return {
    ...prepared,
    db,
    schema,
    server,
    databaseUrl,
    postgresPid: postmaster!.pid,
    newSessions: newSessions.bind(null, db, schema, prepared),
    renewTokens: renewTokens.bind(null, prepared),
    /** Starts a program of `subjects/` on the same database. */
    async startSubject(name: 'baseline' | 'socket-io' | 'prisma'): Promise<Subject & AsyncDisposable> {
      const main = join(import.meta.dirname, 'subjects', `${name}.ts`);
      const env = { DATABASE_URL: databaseUrl, SCHEMA: schema, TENANT_ID: prepared.tenantId };
      const subject = await startSubject(main, env);
      return { ...subject, [Symbol.asyncDispose]: () => subject.stop() };
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

/** Creates the database before the first start of the server, which then creates no agent. */
async function prepare(data: string) {
  const postgres = await startEmbedded(data);
  const db = createDatabase({ url: postgres.url });
  await db.migrate();
  const tenantId = await db.createTenant({ name: 'Bench' });
  const { id: userId, cookie } = await newPerson(db, keys, { tenantId, name: 'Bench' });
  const instanceId = newId();
  await db.tenant(tenantId).agentInstance.create({
    data: {
      id: instanceId,
      requestId: instanceId,
      ownerId: userId,
      name: 'Bench',
      engineType: 'openclaw',
      // The server leaves it alone: it only starts and stops local instances.
      driver: 'remote',
      status: 'RUNNING',
      bridgeSecret: keys.seal('unused'),
    },
  });
  await db[Symbol.asyncDispose]();
  const admin = createDatabase({ url: postgres.adminUrl });
  await admin.pool.query('ALTER SYSTEM SET autovacuum = off');
  await admin[Symbol.asyncDispose]();
  await postgres.stop();
  return { tenantId, userId, instanceId, cookie };
}

type Prepared = Awaited<ReturnType<typeof prepare>>;

async function newSessions(db: Database, schema: string, prepared: Prepared, count: number): Promise<Session[]> {
  const { userId, instanceId } = prepared;
  const ids = Array.from({ length: count }, () => ({ sessionId: newId(), taskId: newId() }));
  const columns = [ids.map(({ sessionId }) => sessionId), ids.map(({ taskId }) => taskId)];
  await db.pool.query(
    `INSERT INTO ${schema}."AgentSession" ("id", "ownerId", "agentInstanceId", "engineType", "title")
     SELECT unnest($1::uuid[]), $2, $3, 'openclaw', 'Bench'`,
    [columns[0], userId, instanceId],
  );
  await db.pool.query(
    `INSERT INTO ${schema}."AgentTask" ("id", "sessionId", "ownerId", "requestId", "message", "status")
     SELECT t, s, $3, t, 'Bench', 'RUNNING' FROM unnest($1::uuid[], $2::uuid[]) v(s, t)`,
    [...columns, userId],
  );
  const sessions = ids.map((id) => ({ ...id, n: 0, offset: 0, token: '' }));
  await renewTokens(prepared, sessions);
  return sessions;
}

let renewals = 0;

/** Replaces the tokens by new ones, which differ by their expiry. */
async function renewTokens({ tenantId, instanceId }: Prepared, sessions: Session[]) {
  const deadline = new Date(Date.now() + 60 * 60_000 + ++renewals * 1_000);
  for (const one of sessions) {
    const { sessionId, taskId } = one;
    one.token = await signCallbackToken(keys, { tenantId, instanceId, sessionId, taskId }, deadline);
  }
}
