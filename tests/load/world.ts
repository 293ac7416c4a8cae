import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createKeys } from '@it0/api/auth/keys';
import { toTenantSchema } from '@it0/contracts/ids';
import { createDatabase, type Database } from '@it0/db/database';
import { adminUrlOf, startEmbedded } from '@it0/db/embedded';
import { findPostmaster } from '@it0/db/embedded/postmaster';
import { newPerson } from '@it0/tests/support/person';
import { v7 as newId } from 'uuid';
import { type Subject, startSubject } from './subject.ts';

const secret = 'the secret of a bench that nobody signs in to';
const keys = createKeys(secret);
export const serverMain = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

/** A conversation with a running task, which a bridge could report on. */
export type Conversation = { sessionId: string; taskId: string; token: string; n: number; offset: number };
export type World = Awaited<ReturnType<typeof createWorld>>;

/** The server as `npm start` starts it, with its embedded database, one person and that person's running instance. */
export async function createWorld() {
  const undo = new AsyncDisposableStack();
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-bench-'));
  undo.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const cast = await prepare(join(dataDir, 'postgres'));
  const server = await startSubject(serverMain, {
    IT0_DATA: dataDir,
    IT0_SECRET: secret,
    PORT: '0',
    // One person stands for all.
    IT0_TASKS_PER_MINUTE: '100000000',
    IT0_CALLS_PER_MINUTE: '100000000',
    IT0_SOCKETS_PER_PERSON: '20000',
  });
  undo.defer(() => server.stop());
  const postmaster = await findPostmaster(join(dataDir, 'postgres'));
  const databaseUrl = adminUrlOf(join(dataDir, 'postgres'), postmaster!);
  const db = createDatabase({ url: databaseUrl });
  undo.defer(() => db.close());
  const schema = `"${toTenantSchema(cast.tenantId)}"`;

  return {
    ...cast,
    db,
    schema,
    server,
    databaseUrl,
    postgresPid: postmaster!.pid,
    newConversations: newConversations.bind(null, db, schema, cast),
    renewTokens: renewTokens.bind(null, cast),
    /** Starts one of `subjects/` on the same database. */
    async other(name: 'floor' | 'socket-io' | 'prisma'): Promise<Subject & AsyncDisposable> {
      const main = join(import.meta.dirname, 'subjects', `${name}.ts`);
      const env = { DATABASE_URL: databaseUrl, SCHEMA: schema, TENANT_ID: cast.tenantId };
      const subject = await startSubject(main, env);
      return { ...subject, [Symbol.asyncDispose]: () => subject.stop() };
    },
    [Symbol.asyncDispose]: () => undo.disposeAsync(),
  };
}

/** Makes the database before the server's first start, which then starts no agent of its own. */
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
      driver: 'bench',
      status: 'RUNNING',
      bridgeSecret: keys.seal('unused'),
    },
  });
  await db.close();
  const admin = createDatabase({ url: postgres.adminUrl });
  await admin.pool.query('ALTER SYSTEM SET autovacuum = off');
  await admin.close();
  await postgres.stop();
  return { tenantId, userId, instanceId, cookie };
}

type Cast = Awaited<ReturnType<typeof prepare>>;

async function newConversations(db: Database, schema: string, cast: Cast, count: number): Promise<Conversation[]> {
  const { userId, instanceId } = cast;
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
  const conversations = ids.map((id) => ({ ...id, n: 0, offset: 0, token: '' }));
  await renewTokens(cast, conversations);
  return conversations;
}

let renewals = 0;

/** Others than they had: a token is told by when it ends. */
async function renewTokens({ tenantId, instanceId }: Cast, conversations: Conversation[]) {
  const deadline = new Date(Date.now() + 60 * 60_000 + ++renewals * 1_000);
  for (const one of conversations) {
    const { sessionId, taskId } = one;
    one.token = await signCallbackToken(keys, { tenantId, instanceId, sessionId, taskId }, deadline);
  }
}
