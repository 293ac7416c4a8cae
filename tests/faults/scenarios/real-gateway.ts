import { randomUUID } from 'node:crypto';
import { until } from '@it0/tests/support/until';
import type { Operator } from '../harness/operator.ts';
import { GATEWAY_OUTPUT_MS, getGateway } from '../harness/victims.ts';
import type { Fault, World } from '../harness/world.ts';

/** Returns whether the reply has begun. From then on OpenClaw continues it after a kill. */
const isAnswering = (person: Operator) => {
  const latest = [...person.screen().values()].at(-1);
  return latest?.status === 'RUNNING' && latest.parts.length > 0;
};

/** Kills the real OpenClaw while it answers with the scripted model. Every task must complete nevertheless. */
async function killRealGateway(world: World) {
  const { cluster, ledger, random, runs } = world;
  const people = await Promise.all([world.newOperator(), world.newOperator()]);
  for (let run = 0; run < runs; run++) {
    const sending = people.map((person) => person.send({ name: randomUUID(), words: 0, pace: 0 }, ['COMPLETED'], null));
    await Promise.all(people.map((person) => until(() => isAnswering(person), GATEWAY_OUTPUT_MS)));
    await random.moment(0, 500);
    ledger.recordInjection();
    await getGateway(cluster).kill();
    await Promise.all(sending);
  }
}

export const realGateway: Fault[] = [
  { name: 'real OpenClaw gateway killed', runs: 6, cluster: { realGateway: true }, inject: killRealGateway },
];
