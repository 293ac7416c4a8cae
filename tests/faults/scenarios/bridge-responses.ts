import type { TaskStatus } from '@it0/contracts/chat-event';
import type { Forward, GateResponse } from '../harness/http-gate.ts';
import { type Fault, settle, type World } from '../harness/world.ts';

/** Answers every task request with a fault, up to three times in a row, before it is forwarded. */
function respondToTasks(
  people: number,
  answer: (forward: Forward, world: World) => Promise<GateResponse>,
  ends?: TaskStatus[],
): Fault['inject'] {
  return async (world) => {
    const { random, ledger, cluster, runs } = world;
    const refusals = new Map<string, number>();
    cluster.bridgeGate.behavior = (request, forward) => {
      if (request.path !== '/task-async') return forward();
      const { taskId } = JSON.parse(request.body);
      const remaining = refusals.get(taskId) ?? random.int(1, 3);
      refusals.set(taskId, remaining - 1);
      if (remaining <= 0) return forward();
      ledger.recordInjection();
      return answer(forward, world);
    };
    const persons = await Promise.all(Array.from({ length: people }, () => world.newOperator()));
    await settle(
      persons.map(async (person) => {
        while (ledger.injections < runs) await person.send(world.newJob({ words: 5, pace: 5, tool: undefined }), ends);
      }),
      runs * 2_000,
    );
  };
}

/** Responds with an error status. In half of the cases the bridge has accepted the task. */
const status =
  (status: number, headers: Record<string, string> = {}) =>
  async (forward: Forward, { random }: World): Promise<GateResponse> => {
    if (random.chance(0.5)) await forward();
    return { status, headers, body: '<html>What is this?</html>' };
  };

export const bridgeResponses: Fault[] = [
  { name: 'bridge answering 500', runs: 100, quick: 10, inject: respondToTasks(8, status(500)) },
  {
    name: 'bridge answering 429',
    runs: 100,
    quick: 10,
    inject: respondToTasks(8, status(429, { 'retry-after': '1' })),
  },
  { name: 'bridge answering garbage', runs: 100, quick: 10, inject: respondToTasks(8, async () => 'garbage') },
  { name: 'bridge answering nothing', runs: 60, inject: respondToTasks(20, async () => 'silence') },
  {
    name: 'bridge answering 202 and forgetting',
    runs: 40,
    inject: respondToTasks(20, async () => ({ status: 202, body: '{}' }), ['FAILED']),
  },
];
