import { randomUUID } from 'node:crypto';
import { signCallbackToken } from '@it0/api/agent/dispatch/callback-token';
import { createKeys } from '@it0/api/auth/keys';
import { until } from '@it0/tests/support/until';
import type { Behaviour, Forward, GateRequest } from '../harness/http-gate.ts';
import { type Fault, settled, type World } from '../harness/world.ts';

type Tamper = (request: GateRequest, forward: Forward, world: World) => ReturnType<Behaviour>;

/** Does something to every third callback while people write, as often as asked for. */
function tampering(tamper: Tamper): Fault['inject'] {
  return async (world) => {
    const { random, ledger, cluster, runs } = world;
    const people = await Promise.all(Array.from({ length: 6 }, () => world.operator()));
    const { promise: enough, resolve } = Promise.withResolvers<void>();
    cluster.callbackGate.behaviour = async (request, forward) => {
      if (ledger.strikes >= runs) {
        resolve();
        return forward();
      }
      if (!random.chance(0.34)) return forward();
      ledger.strike();
      return tamper(request, forward, world);
    };
    await world.whileBusy(people, () => enough);
  };
}

/** A forged callback that would end the task: it must be refused, and leave no trace. */
const forging =
  (forge: (world: World, request: GateRequest) => Promise<string> | string): Tamper =>
  async (request, forward, world) => {
    const { taskId } = JSON.parse(request.body);
    const body = JSON.stringify({ taskId, events: [{ n: 1, type: 'completed', text: 'forged' }] });
    const headers = { ...request.headers, authorization: `Bearer ${await forge(world, request)}` };
    const answer = await forward({ body, headers });
    // Whoever forges many is not listened to at all for a while.
    if (typeof answer !== 'string' && answer.status !== 401 && answer.status !== 429) {
      world.ledger.blame('duplicated', `a forged callback was answered ${answer.status}`);
    }
    return forward();
  };

const tokenOf = ({ headers }: GateRequest) => headers.authorization!.slice('Bearer '.length);
const claimsOf = (request: GateRequest) =>
  JSON.parse(atob(tokenOf(request).split('.')[1]!.replaceAll('-', '+').replaceAll('_', '/')));
const longAgo = () => new Date(Date.now() - 48 * 3_600_000);
const soon = () => new Date(Date.now() + 3_600_000);

/** The callback with the end is held until the deadline has passed: the reply is kept, and marked late. */
async function delayedPastTheDeadline(world: World) {
  const { ledger, cluster, runs } = world;
  const people = await Promise.all(Array.from({ length: 6 }, () => world.operator()));
  const held = new Map<string, () => void>();
  cluster.callbackGate.behaviour = async (request, forward) => {
    const { taskId, events } = JSON.parse(request.body);
    if (events.some(({ type }: { type: string }) => type === 'completed')) {
      await new Promise<void>((resolve) => held.set(taskId, resolve));
    }
    return forward();
  };
  let left = runs;
  await settled(
    people.map(async (person) => {
      while (left-- > 0) {
        const said = person.say(world.job({ words: 5, pace: 5, tool: undefined }), ['TIMED_OUT']);
        const [taskId, release] = await until(() => {
          const sent = ledger.messages.find(
            ({ taskId }) => taskId && held.has(taskId) && !person.isOver(taskId) && person.isOwn(taskId),
          );
          return sent?.taskId ? ([sent.taskId, held.get(sent.taskId)!] as const) : null;
        }, 30_000);
        ledger.strike();
        held.delete(taskId);
        await cluster.passDeadline(taskId);
        await said;
        release();
        await until(() => person.isLate(taskId), 30_000).catch(() =>
          ledger.blame('lost', `the late reply to ${taskId} was not kept`),
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
    inject: tampering(async (_, forward, { random }) => {
      if (random.chance(0.5)) return (await Promise.all([forward(), forward()]))[1];
      await forward();
      return forward();
    }),
  },
  {
    name: 'callback reordered',
    runs: 150,
    quick: 15,
    inject: tampering(async (_, forward, { random }) => {
      // It arrives all the same, when the bridge has long sent it again and gone on.
      void random.moment(100, 3_000).then(() => forward());
      return 'hang up';
    }),
  },
  {
    name: 'answer to a callback lost',
    runs: 150,
    quick: 15,
    inject: tampering(async (_, forward) => {
      await forward();
      return 'hang up';
    }),
  },
  {
    name: 'callback truncated',
    runs: 150,
    quick: 15,
    inject: tampering((request, forward, { random }) =>
      forward({ body: request.body.slice(0, random.int(0, request.body.length - 1)) }),
    ),
  },
  {
    name: 'callback with a wrong token',
    runs: 50,
    quick: 5,
    inject: tampering(forging((_, request) => `${tokenOf(request).slice(0, -4)}AAAA`)),
  },
  {
    name: 'callback with an expired token',
    runs: 50,
    inject: tampering(forging(({ cluster }, request) => signCallbackToken(cluster.keys, claimsOf(request), longAgo()))),
  },
  {
    name: 'callback with a foreign token',
    runs: 50,
    inject: tampering(
      forging(({ cluster }, request) =>
        signCallbackToken(cluster.keys, { ...claimsOf(request), taskId: randomUUID() }, soon()),
      ),
    ),
  },
  {
    name: 'callback with a token of another key',
    runs: 50,
    inject: tampering(forging((_, request) => signCallbackToken(createKeys(randomUUID()), claimsOf(request), soon()))),
  },
  { name: 'callback delayed past the deadline', runs: 60, quick: 6, inject: delayedPastTheDeadline },
];
