import type { Services } from '@it0/api/context';
import type { Cluster } from '@it0/db/cluster';
import { type AssistantOptions, startAssistant } from './assistant.ts';
import { moveFolders } from './drivers/local/move-folders.ts';
import type { ReconciledHost } from './instance-host.ts';
import { type CreateLocalDriver, InstanceReconciler } from './instance-reconciler.ts';

type ReconcilerOptions = { dataDir: string; localDriver: CreateLocalDriver; assistant?: AssistantOptions };

/**
 * Runs the local instances and iAgent while this server is the leader. Of several servers on one database, one is the
 * leader, and another takes over when it stops.
 */
export async function startReconciler(
  services: Services & { local: ReconciledHost },
  cluster: Cluster,
  options: ReconcilerOptions,
) {
  let running: AsyncDisposable | undefined;
  let transition = Promise.resolve();
  let isClosed = false;
  const setLeader = (isLeader: boolean) => {
    transition = transition
      .then(async () => {
        await running?.[Symbol.asyncDispose]();
        running = isLeader && !isClosed ? await startAll(services, options) : undefined;
      })
      .catch((error: unknown) =>
        services.log.error({ err: error }, 'the instances of this server could not be started'),
      );
  };
  await cluster.campaign(setLeader);
  await transition;
  return {
    async [Symbol.asyncDispose]() {
      isClosed = true;
      setLeader(false);
      await transition;
      // A lost connection has released it, too.
      await cluster.resign().catch(() => {});
    },
  };
}

async function startAll(
  services: Services & { local: ReconciledHost },
  { dataDir, localDriver, assistant }: ReconcilerOptions,
): Promise<AsyncDisposable> {
  await moveFolders(services, dataDir);
  await using starting = new AsyncDisposableStack();
  const instances = starting.use(new InstanceReconciler(services, dataDir, localDriver));
  await instances.reconcileNow();
  services.local.onReconcile = () => void instances.reconcileNow();
  starting.use(await startAssistant(services, dataDir, assistant));
  return starting.move();
}
