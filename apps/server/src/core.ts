import { join } from 'node:path';
import { expediteAll } from '@it0/api/agent/dispatch/dispatch-table';
import type { Core } from '@it0/api/core';
import { createKeys } from '@it0/api/keys';
import { type Cluster, joinCluster } from '@it0/db/cluster';
import { createDatabase } from '@it0/db/database';
import { startEmbedded } from '@it0/db/embedded';
import { openBus, toBusTrait, toSecretTrait } from './cluster.ts';
import type { ServerOptions } from './server-options.ts';

/** Opens the database and the bus, joins the cluster and migrates the tenants. What must be closed is in `resources`. */
export async function openCore(
  options: ServerOptions,
  resources: AsyncDisposableStack,
): Promise<{ core: Core; cluster: Cluster }> {
  const { log } = options;
  const databaseUrl = options.databaseUrl ?? (await startEmbeddedDatabase(options, resources));
  const db = resources.use(createDatabase({ url: databaseUrl }));
  const keys = createKeys(options.secret, { before: options.secretBefore, next: options.secretNext });
  const bus = resources.use(await openBus(options));
  const cluster = resources.use(
    await joinCluster({
      url: databaseUrl,
      traits: [toBusTrait(bus), toSecretTrait(keys)],
      onError: (error) => log.error({ err: error }, 'lost the connection to the cluster; reconnecting'),
      onServerLost: () =>
        void expediteAll(db.pool).catch((error: unknown) =>
          log.warn({ err: error }, 'tasks of a stopped server could not be rescheduled; they resume when due'),
        ),
    }),
  );
  const { failed } = await db.migrate(options.onProgress);
  for (const { tenantId, error } of failed) log.error({ err: error, tenantId }, 'a tenant could not be migrated');
  return { core: { db, bus, keys, log, refusedTenants: new Set(failed.map(({ tenantId }) => tenantId)) }, cluster };
}

async function startEmbeddedDatabase({ dataDir, log }: ServerOptions, resources: AsyncDisposableStack) {
  const start = startEmbedded(join(dataDir, 'postgres'), (line) => log.debug({ line }, 'postgres'));
  return resources.adopt(await start, (embedded) => embedded.stop()).url;
}
