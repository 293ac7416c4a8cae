import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Fault, Stage } from '../harness/stage.ts';

/** The real OpenClaw on the scripted model, killed while it answers: who was to be answered is answered all the same. */
async function realGatewayKilled(stage: Stage) {
  const { cluster, ledger, random, runs } = stage;
  const people = await Promise.all([stage.operator(), stage.operator()]);
  const gatewayPid = () => JSON.parse(readFileSync(join(cluster.bridgeFolder, 'gateway.json'), 'utf8')).pid as number;
  for (let run = 0; run < runs; run++) {
    const said = people.map((person) => person.say({ name: randomUUID(), words: 0, pace: 0 }, ['COMPLETED'], null));
    await random.moment(200, 1_500);
    ledger.strike();
    process.kill(gatewayPid(), 'SIGKILL');
    await Promise.all(said);
  }
}

export const realGateway: Fault[] = [
  { name: 'real OpenClaw gateway killed', runs: 6, cluster: { realGateway: true }, inject: realGatewayKilled },
];
