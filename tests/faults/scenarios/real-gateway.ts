import { randomUUID } from 'node:crypto';
import { until } from '@it0/tests/support/until';
import type { Operator } from '../harness/operator.ts';
import { GATEWAY_OUTPUT_MS, gatewayOf } from '../harness/victims.ts';
import type { Fault, World } from '../harness/world.ts';

/** From then on OpenClaw goes on with it, however it is killed. */
const isAnswering = (person: Operator) => {
  const latest = [...person.screen().values()].at(-1);
  return latest?.status === 'RUNNING' && latest.parts.length > 0;
};

/** Kills the real OpenClaw while it answers with the scripted model. Every task must complete nevertheless. */
async function realGatewayKilled(world: World) {
  const { cluster, ledger, random, runs } = world;
  const people = await Promise.all([world.operator(), world.operator()]);
  for (let run = 0; run < runs; run++) {
    const said = people.map((person) => person.say({ name: randomUUID(), words: 0, pace: 0 }, ['COMPLETED'], null));
    await Promise.all(people.map((person) => until(() => isAnswering(person), GATEWAY_OUTPUT_MS)));
    await random.moment(0, 500);
    ledger.strike();
    await gatewayOf(cluster).kill();
    await Promise.all(said);
  }
}

export const realGateway: Fault[] = [
  { name: 'real OpenClaw gateway killed', runs: 6, cluster: { realGateway: true }, inject: realGatewayKilled },
];
