import type { Behaviour } from '../harness/http-gate.ts';
import type { Fault, World } from '../harness/world.ts';
import { killing } from './kills.ts';

// Nobody gets through to this bridge: all there is between it and the servers is what it asks.
const cluster = { dialsOut: true };

/** Of what the bridge asks, but for its callbacks, one in four meets this. */
function spoiling(how: (forward: () => ReturnType<Behaviour>, random: World['random']) => ReturnType<Behaviour>) {
  return async ({ cluster, ledger, random, runs, operator, whileBusy }: World) => {
    let struck = 0;
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    cluster.callbackGate.behaviour = async ({ path }, forward) => {
      if (!path.startsWith('/api/v1/agent/bridges/') || !random.chance(0.25)) return forward();
      ledger.strike();
      if (++struck >= runs) resolve();
      return how(forward, random);
    };
    const operators = await Promise.all(Array.from({ length: 4 }, () => operator()));
    await whileBusy(operators, async () => {
      await enough;
      cluster.callbackGate.behaviour = null;
    });
  };
}

/** For some seconds nothing passes, either way; longer than a bridge may be silent without its status saying so. */
const cutOff: Fault['inject'] = async ({ cluster, ledger, random, runs, operator, whileBusy }) => {
  const operators = await Promise.all(Array.from({ length: 4 }, () => operator()));
  await whileBusy(operators, async () => {
    for (let run = 0; run < runs; run++) {
      // Long enough for what was held up to pass: the bridge tries at least every ten seconds, and a question of the
      // stand-in gateway is open for sixty.
      await random.moment(12_000, 20_000);
      ledger.strike();
      cluster.callbackGate.behaviour = async () => 'hang up';
      await random.moment(500, 30_000);
      cluster.callbackGate.behaviour = null;
    }
  });
};

export const dialOut: Fault[] = [
  {
    name: 'bridge that dials out killed',
    runs: 40,
    quick: 2,
    cluster,
    inject: killing(({ cluster }) => [cluster.bridge]),
  },
  {
    name: 'server killed under a bridge that dials out',
    runs: 40,
    cluster,
    inject: killing(({ cluster, random }) => [random.pick(cluster.servers)]),
  },
  {
    name: 'what a bridge fetches is lost on its way',
    runs: 200,
    cluster,
    inject: spoiling(async (forward, random) => {
      if (random.chance(0.5)) await forward();
      return 'hang up';
    }),
  },
  { name: 'bridge that dials out cut off', runs: 8, cluster, inject: cutOff },
];
