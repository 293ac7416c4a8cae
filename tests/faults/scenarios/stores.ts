import type { Fault, World } from '../harness/world.ts';

/** Postgres, or Redis with all it had, is killed while people write; both come back, one by itself. */
function killing(kill: (world: World) => Promise<void>): Fault['inject'] {
  return async (world) => {
    const { random, ledger, runs } = world;
    const people = await Promise.all(Array.from({ length: 4 }, () => world.operator()));
    await world.whileBusy(people, async () => {
      for (let run = 0; run < runs; run++) {
        await random.moment(200, 1_500);
        ledger.strike();
        await kill(world);
      }
    });
  };
}

export const stores: Fault[] = [
  { name: 'PostgreSQL killed', runs: 40, quick: 1, inject: killing(({ cluster }) => cluster.killPostgres()) },
  {
    name: 'Redis killed',
    runs: 60,
    quick: 3,
    needs: 'redis-server',
    cluster: { servers: 3, redis: true },
    inject: killing(async ({ cluster, random }) => {
      await cluster.redis!.kill();
      await random.moment(0, 1_000);
      await cluster.redis!.start();
    }),
  },
];
