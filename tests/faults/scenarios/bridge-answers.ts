import type { TaskStatus } from '@it0/contracts/chat-event';
import type { Forward, GateAnswer } from '../harness/http-gate.ts';
import { type Fault, settled, type World } from '../harness/world.ts';

/** Every hand-over is answered so, up to three times in a row, before it is taken. */
function answering(
  people: number,
  answer: (forward: Forward, world: World) => Promise<GateAnswer>,
  ends?: TaskStatus[],
): Fault['inject'] {
  return async (world) => {
    const { random, ledger, cluster, runs } = world;
    const refusals = new Map<string, number>();
    cluster.bridgeGate.behaviour = (request, forward) => {
      if (request.path !== '/task-async') return forward();
      const { taskId } = JSON.parse(request.body);
      const left = refusals.get(taskId) ?? random.int(1, 3);
      refusals.set(taskId, left - 1);
      if (left <= 0) return forward();
      ledger.strike();
      return answer(forward, world);
    };
    const persons = await Promise.all(Array.from({ length: people }, () => world.operator()));
    await settled(
      persons.map(async (person) => {
        while (ledger.strikes < runs) await person.say(world.job({ words: 5, pace: 5, tool: undefined }), ends);
      }),
      runs * 2_000,
    );
  };
}

/** Half the time the bridge has taken the task all the same. */
const status =
  (status: number, headers: Record<string, string> = {}) =>
  async (forward: Forward, { random }: World): Promise<GateAnswer> => {
    if (random.chance(0.5)) await forward();
    return { status, headers, body: '<html>What is this?</html>' };
  };

export const bridgeAnswers: Fault[] = [
  { name: 'bridge answering 500', runs: 100, quick: 10, inject: answering(8, status(500)) },
  { name: 'bridge answering 429', runs: 100, quick: 10, inject: answering(8, status(429, { 'retry-after': '1' })) },
  { name: 'bridge answering garbage', runs: 100, quick: 10, inject: answering(8, async () => 'garbage') },
  { name: 'bridge answering nothing', runs: 60, inject: answering(20, async () => 'silence') },
  {
    name: 'bridge answering 202 and forgetting',
    runs: 40,
    inject: answering(20, async () => ({ status: 202, body: '{}' }), ['FAILED']),
  },
];
