import { randomUUID } from 'node:crypto';
import { signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createKeys } from '@it0/api/keys';
import { until } from '@it0/tests/support/until';
import type { Behavior, Forward, GateRequest } from '../harness/http-gate.ts';
import { type Fault, settle, type World } from '../harness/world.ts';

type Tamper = (request: GateRequest, forward: Forward, world: World) => ReturnType<Behavior>;

/** Tampers with every third callback while people write. */
function tamperWithCallbacks(tamper: Tamper): Fault['inject'] {
  return async (world) => {
    const { random, ledger, cluster, runs } = world;
    const people = await Promise.all(Array.from({ length: 6 }, () => world.newOperator()));
    const { promise: injected, resolve } = Promise.withResolvers<void>();
    cluster.callbackGate.behavior = async (request, forward) => {
      if (ledger.injections >= runs) {
        resolve();
        return forward();
      }
      if (!random.chance(0.34)) return forward();
      ledger.recordInjection();
      return tamper(request, forward, world);
    };
    await world.whileBusy(people, () => injected);
  };
}

/** Sends a forged callback that would end the task. It must be refused and change nothing. */
const forgeCallback =
  (forge: (world: World, request: GateRequest) => Promise<string> | string): Tamper =>
  async (request, forward, world) => {
    const { taskId } = JSON.parse(request.body);
    const body = JSON.stringify({ taskId, events: [{ n: 1, type: 'completed', text: 'forged' }] });
    const headers = { ...request.headers, authorization: `Bearer ${await forge(world, request)}` };
    const response = await forward({ body, headers });
    // Many forged callbacks are rate limited.
    if (typeof response !== 'string' && response.status !== 401 && response.status !== 429) {
      world.ledger.blame('duplicated', `a forged callback got the status ${response.status}`);
    }
    return forward();
  };

const readToken = ({ headers }: GateRequest) => headers.authorization!.slice('Bearer '.length);
const readClaims = (request: GateRequest) =>
  JSON.parse(atob(readToken(request).split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')));
const longAgo = () => new Date(Date.now() - 48 * 3_600_000);
const soon = () => new Date(Date.now() + 3_600_000);

/** Delays the callback with the end past the deadline. The reply must be stored and marked late. */
async function delayPastDeadline(world: World) {
  const { ledger, cluster, runs } = world;
  const people = await Promise.all(Array.from({ length: 6 }, () => world.newOperator()));
  const held = new Map<string, () => void>();
  cluster.callbackGate.behavior = async (request, forward) => {
    const { taskId, events } = JSON.parse(request.body);
    if (events.some(({ type }: { type: string }) => type === 'completed')) {
      await new Promise<void>((resolve) => held.set(taskId, resolve));
    }
    return forward();
  };
  let remaining = runs;
  await settle(
    people.map(async (person) => {
      while (remaining-- > 0) {
        const sending = person.send(world.newJob({ words: 5, pace: 5, tool: undefined }), ['TIMED_OUT']);
        const [taskId, release] = await until(() => {
          const sent = ledger.messages.find(
            ({ taskId }) => taskId && held.has(taskId) && !person.isOver(taskId) && person.isOwn(taskId),
          );
          return sent?.taskId ? ([sent.taskId, held.get(sent.taskId)!] as const) : null;
        }, 30_000);
        ledger.recordInjection();
        held.delete(taskId);
        await cluster.passDeadline(taskId);
        await sending;
        release();
        await until(() => person.isLate(taskId), 30_000).catch(() =>
          ledger.blame('lost', `the late reply to ${taskId} was not stored`),
        );
      }
    }),
    runs * 2_000,
  );
}

export const callbacks: Fault[] = [
  {
    name: 'callback duplicated',
    runs: 150,
    quick: 15,
    inject: tamperWithCallbacks(async (_, forward, { random }) => {
      if (random.chance(0.5)) return (await Promise.all([forward(), forward()]))[1];
      await forward();
      return forward();
    }),
  },
  {
    name: 'callback reordered',
    runs: 150,
    quick: 15,
    inject: tamperWithCallbacks(async (_, forward, { random }) => {
      // It arrives after the bridge has repeated it and continued.
      void random.moment(100, 3_000).then(() => forward());
      return 'hang up';
    }),
  },
  {
    name: 'response to a callback lost',
    runs: 150,
    quick: 15,
    inject: tamperWithCallbacks(async (_, forward) => {
      await forward();
      return 'hang up';
    }),
  },
  {
    name: 'callback truncated',
    runs: 150,
    quick: 15,
    inject: tamperWithCallbacks((request, forward, { random }) =>
      forward({ body: request.body.slice(0, random.int(0, request.body.length - 1)) }),
    ),
  },
  {
    name: 'callback with a wrong token',
    runs: 50,
    quick: 5,
    inject: tamperWithCallbacks(forgeCallback((_, request) => `${readToken(request).slice(0, -4)}AAAA`)),
  },
  {
    name: 'callback with an expired token',
    runs: 50,
    inject: tamperWithCallbacks(
      forgeCallback(({ cluster }, request) => signCallbackToken(cluster.keys, readClaims(request), longAgo())),
    ),
  },
  {
    name: 'callback with a foreign token',
    runs: 50,
    inject: tamperWithCallbacks(
      forgeCallback(({ cluster }, request) =>
        signCallbackToken(cluster.keys, { ...readClaims(request), taskId: randomUUID() }, soon()),
      ),
    ),
  },
  {
    name: 'callback with a token of another key',
    runs: 50,
    inject: tamperWithCallbacks(
      forgeCallback((_, request) => signCallbackToken(createKeys(randomUUID()), readClaims(request), soon())),
    ),
  },
  { name: 'callback delayed past the deadline', runs: 60, quick: 6, inject: delayPastDeadline },
];
