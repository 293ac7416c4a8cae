import type { Behavior } from '../harness/http-gate.ts';
import type { Fault, World } from '../harness/world.ts';
import { injectKills } from './kills.ts';

// The bridge is unreachable: it polls the servers.
const cluster = { isPolling: true };

/** Disturbs a quarter of the bridge's requests other than callbacks. */
function breakRequests(
  disturb: (forward: () => ReturnType<Behavior>, random: World['random']) => ReturnType<Behavior>,
) {
  return async ({ cluster, ledger, random, runs, newOperator, whileBusy }: World) => {
    let disturbed = 0;
    const { promise: injected, resolve } = Promise.withResolvers<void>();
    cluster.callbackGate.behavior = async ({ path }, forward) => {
      if (!path.startsWith('/api/v1/agent/bridges/') || !random.chance(0.25)) return forward();
      ledger.recordInjection();
      if (++disturbed >= runs) resolve();
      return disturb(forward, random);
    };
    const operators = await Promise.all(Array.from({ length: 4 }, () => newOperator()));
    await whileBusy(operators, async () => {
      await injected;
      cluster.callbackGate.behavior = null;
    });
  };
}

/** Cuts the bridge off for up to 30 s, which is longer than it may be silent. */
const cutOff: Fault['inject'] = async ({ cluster, ledger, random, runs, newOperator, whileBusy }) => {
  const operators = await Promise.all(Array.from({ length: 4 }, () => newOperator()));
  await whileBusy(operators, async () => {
    for (let run = 0; run < runs; run++) {
      // Long enough for delayed requests: the bridge retries at least every 10 s, and an approval of the fake gateway
      // is pending for 60 s.
      await random.moment(12_000, 20_000);
      ledger.recordInjection();
      cluster.callbackGate.behavior = async () => 'hang up';
      await random.moment(500, 30_000);
      cluster.callbackGate.behavior = null;
    }
  });
};

export const pollingBridge: Fault[] = [
  {
    name: 'polling bridge killed',
    runs: 40,
    quick: 2,
    cluster,
    inject: injectKills(({ cluster }) => [cluster.bridge]),
  },
  {
    name: 'server of a polling bridge killed',
    runs: 40,
    cluster,
    inject: injectKills(({ cluster, random }) => [random.pick(cluster.servers)]),
  },
  {
    name: 'response to a polling bridge lost',
    runs: 200,
    cluster,
    inject: breakRequests(async (forward, random) => {
      if (random.chance(0.5)) await forward();
      return 'hang up';
    }),
  },
  { name: 'polling bridge cut off', runs: 8, cluster, inject: cutOff },
];
