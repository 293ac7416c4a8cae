import type { Fault, World } from '../harness/world.ts';

/** Kills Postgres, which restarts by itself, or Redis with its data, while people write. */
function injectKills(kill: (world: World) => Promise<void>): Fault['inject'] {
  return async (world) => {
    const { random, ledger, runs } = world;
    const people = await Promise.all(Array.from({ length: 4 }, () => world.newOperator()));
    await world.whileBusy(people, async () => {
      for (let run = 0; run < runs; run++) {
        await random.moment(200, 1_500);
        ledger.recordInjection();
        await kill(world);
      }
    });
  };
}

export const stores: Fault[] = [
  { name: 'PostgreSQL killed', runs: 40, quick: 1, inject: injectKills(({ cluster }) => cluster.killPostgres()) },
  {
    name: 'Redis killed',
    runs: 60,
    quick: 3,
    needs: 'redis-server',
    cluster: { servers: 3, redis: true },
    inject: injectKills(async ({ cluster, random }) => {
      await cluster.redis!.kill();
      await random.moment(0, 1_000);
      await cluster.redis!.start();
    }),
  },
];
