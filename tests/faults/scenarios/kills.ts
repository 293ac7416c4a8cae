import type { Victim } from '../harness/victims.ts';
import { type Fault, settled, type World } from '../harness/world.ts';

/** Kills processes while people write, lets them lie for a moment, and starts them again. */
export function killing(victims: (world: World) => Victim[]): Fault['inject'] {
  return async (world) => {
    const { random, ledger, runs } = world;
    const operators = await Promise.all(Array.from({ length: 4 }, () => world.operator()));
    await world.whileBusy(operators, async () => {
      for (let run = 0; run < runs; run++) {
        await random.moment(50, 1_200);
        ledger.strike();
        await Promise.all(
          victims(world).map(async (victim) => {
            await victim.kill();
            await random.moment(0, 300);
            await victim.start();
          }),
        );
      }
    });
  };
}

/** Whoever has a token or a cookie of the last secret goes on with it. */
const secretsChanged: Fault['inject'] = async (world) => {
  const { random, ledger, runs, cluster } = world;
  const operators = await Promise.all(Array.from({ length: 4 }, () => world.operator()));
  for (let run = 0; run < runs; run++) {
    const said = operators.map((operator) => operator.say(world.job()));
    await random.moment(50, 1_200);
    ledger.strike();
    await cluster.changeSecret();
    await settled(said);
  }
};

export const kills: Fault[] = [
  {
    name: 'server killed',
    runs: 60,
    quick: 2,
    inject: killing(({ cluster, random }) => [random.pick(cluster.servers)]),
  },
  { name: 'bridge killed', runs: 60, quick: 2, inject: killing(({ cluster }) => [cluster.bridge]) },
  { name: 'gateway killed', runs: 60, quick: 2, inject: killing(({ cluster }) => [cluster.gateway!]) },
  {
    name: 'server and bridge killed',
    runs: 40,
    inject: killing(({ cluster, random }) => [random.pick(cluster.servers), cluster.bridge]),
  },
  { name: 'servers killed, back with another secret', runs: 15, cluster: {}, inject: secretsChanged },
  {
    name: 'bridge and gateway killed',
    runs: 40,
    inject: killing(({ cluster }) => [cluster.bridge, cluster.gateway!]),
  },
];
