import type { Options } from '../main.ts';
import { type Row, rowOf } from '../report.ts';
import { floor, ours, socketIo, type Target } from '../target.ts';
import type { World } from '../world.ts';
import { follow } from './callback.ts';

/** What a server holds for a reader of a conversation where nothing happens: a connection and a subscription each. */
export async function memory(world: World, { quick }: Options): Promise<Row[]> {
  const count = quick ? 1_000 : 10_000;
  await using floorSubject = await world.other('floor');
  await using peerSubject = await world.other('socket-io');
  const conversations = await world.newConversations(count + 100);
  await world.db.pool.query(`UPDATE ${world.schema}."AgentTask" SET "status" = 'COMPLETED' WHERE "id" = ANY($1)`, [
    conversations.map(({ taskId }) => taskId),
  ]);
  const warm = conversations.slice(count);
  const idle = conversations.slice(0, count);
  async function measure(target: (some: typeof idle) => Target) {
    const warmed = await follow(target(warm));
    const before = await target(idle).subject.usage();
    const followed = await follow(target(idle));
    const after = await target(idle).subject.usage();
    followed.close();
    warmed.close();
    return (after.memory - before.memory) / count / 1024;
  }

  const measured = {
    floor: await measure((some) => floor(floorSubject, some)),
    peer: await measure((some) => socketIo(peerSubject, some)),
    value: await measure((some) => ours(world, some)),
  };
  return [
    rowOf(`memory of an idle subscription, ${count} of them, KB`, [measured], { floor: 2.5, peer: 1, is: 'at most' }),
  ];
}
