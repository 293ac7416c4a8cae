import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findInstanceTenants } from '@it0/api/agent/instance/instance-records';
import { Id } from '@it0/contracts/ids';
import type { Database } from '@it0/db/database';
import type { Logger } from 'pino';
import { toInstanceFolder, toInstanceKey, toInstancesFolder } from '../driver.ts';
import { waitForBridgeExit } from './bridge-process.ts';

/**
 * Moves instance folders from `instances/<id>`, the layout of earlier versions, to a folder per tenant. Folders of
 * unknown instances, and those whose target exists, stay in place.
 */
export async function moveFolders({ db, log }: { db: Database; log: Logger }, dataDir: string) {
  const root = toInstancesFolder(dataDir);
  const names = await readdir(root).catch(() => []);
  // Only instance folders contain this file; tenant folders do not.
  const ids = names.filter((name) => Id.safeParse(name).success && existsSync(join(root, name, 'bridge.log')));
  if (ids.length === 0) return;
  const tenantOf = await findInstanceTenants(db, ids);
  for (const id of ids) {
    const [from, tenantId] = [join(root, id), tenantOf.get(id)];
    if (!tenantId) {
      log.warn({ folder: from }, 'a folder belongs to no instance in this database and was not moved');
      continue;
    }
    await move(from, toInstanceFolder(dataDir, toInstanceKey(tenantId, id))).then(
      () => log.info({ tenantId, instanceId: id }, 'the folder of an instance was moved to the folder of its tenant'),
      (error: unknown) => log.error({ err: error, folder: from }, 'the folder of an instance could not be moved'),
    );
  }
}

async function move(from: string, to: string) {
  // A bridge can outlive a server that was killed.
  const pid = Number(await readFile(join(from, 'bridge.pid'), 'utf8').catch(() => ''));
  if (pid > 0) await waitForBridgeExit(pid, from);
  await mkdir(dirname(to), { recursive: true, mode: 0o700 });
  await rename(from, to);
}
