import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKeys } from '@it0/api/auth/keys';
import { testDatabase } from './database.ts';
import { newPerson } from './person.ts';

const main = fileURLToPath(new URL('../../apps/server/src/main.ts', import.meta.url));

/** Starts the real server in its own process, with a new database and a signed-in owner. No agent runs. */
export async function serverProcess(env: Record<string, string> = {}) {
  await using undo = new AsyncDisposableStack();
  const database = undo.use(await testDatabase());
  const dataDir = mkdtempSync(join(tmpdir(), 'it0-process-'));
  undo.defer(() => rmSync(dataDir, { recursive: true, force: true }));
  const secret = randomUUID();
  const keys = createKeys(secret);
  const { tenantId } = database;
  const newUser = (given: Partial<Parameters<typeof newPerson>[2]> = {}) =>
    newPerson(database, keys, { tenantId, ...given });
  // With an owner in the database, the first start creates neither an owner nor an agent.
  const owner = await newUser();
  const { PATH, HOME } = process.env;
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{ PATH, HOME, IT0_DATA: dataDir, IT0_SECRET: secret, DATABASE_URL: database.url },
      ...{ PORT: '0', IT0_ASSISTANT: 'off', LOG_LEVEL: 'fatal', ...env },
    },
  });
  undo.defer(async () => {
    const exited = once(child, 'exit');
    if (child.kill('SIGTERM')) await exited;
  });
  let printed = '';
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      printed += chunk;
      const [found] = /http:\/\/[^/\s]+(?=\/sign-in)/.exec(printed) ?? [];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`the server ended: ${printed}`)));
  });
  const owned = undo.move();
  return { url, database, tenantId, owner, newUser, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
