import { fileURLToPath } from 'node:url';
import type { Fault, World } from '../harness/world.ts';

const preload = ['--import', fileURLToPath(new URL('../harness/clock.mjs', import.meta.url))];

/** Moves the clock of one process by an hour, ahead or back, while people write. */
async function jumpClocks(world: World) {
  const { cluster, ledger, random, runs } = world;
  const people = await Promise.all(Array.from({ length: 4 }, () => world.newOperator()));
  await world.whileBusy(people, async () => {
    for (let run = 0; run < runs; run++) {
      await random.moment(100, 1_500);
      ledger.recordInjection();
      process.kill(random.pick([...cluster.servers, cluster.bridge]).pid, 'SIGUSR2');
    }
  });
}

export const clock: Fault[] = [
  {
    name: 'clock jumps by an hour',
    runs: 60,
    quick: 4,
    cluster: { serverArgs: preload, bridgeArgs: preload },
    inject: jumpClocks,
  },
];
