import type { Victim } from '../harness/victims.ts';
import { type Fault, settle, type World } from '../harness/world.ts';

/** Kills processes while people write, and restarts them after a moment. */
export function injectKills(victims: (world: World) => Victim[]): Fault['inject'] {
  return async (world) => {
    const { random, ledger, runs } = world;
    const operators = await Promise.all(Array.from({ length: 4 }, () => world.newOperator()));
    await world.whileBusy(operators, async () => {
      for (let run = 0; run < runs; run++) {
        await random.moment(50, 1_200);
        ledger.recordInjection();
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

/** Changes the secret. Tokens and cookies of the previous secret must remain valid. */
const changeSecrets: Fault['inject'] = async (world) => {
  const { random, ledger, runs, cluster } = world;
  const operators = await Promise.all(Array.from({ length: 4 }, () => world.newOperator()));
  for (let run = 0; run < runs; run++) {
    const sending = operators.map((operator) => operator.send(world.newJob()));
    await random.moment(50, 1_200);
    ledger.recordInjection();
    await cluster.changeSecret();
    await settle(sending);
  }
};

export const kills: Fault[] = [
  {
    name: 'server killed',
    runs: 60,
    quick: 2,
    inject: injectKills(({ cluster, random }) => [random.pick(cluster.servers)]),
  },
  { name: 'bridge killed', runs: 60, quick: 2, inject: injectKills(({ cluster }) => [cluster.bridge]) },
  { name: 'gateway killed', runs: 60, quick: 2, inject: injectKills(({ cluster }) => [cluster.gateway!]) },
  {
    name: 'server and bridge killed',
    runs: 40,
    inject: injectKills(({ cluster, random }) => [random.pick(cluster.servers), cluster.bridge]),
  },
  { name: 'servers killed, back with another secret', runs: 15, cluster: {}, inject: changeSecrets },
  {
    name: 'bridge and gateway killed',
    runs: 40,
    inject: injectKills(({ cluster }) => [cluster.bridge, cluster.gateway!]),
  },
];
