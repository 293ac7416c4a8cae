import { type Row, toRow } from '../report.ts';
import { baseline, product, socketIo, type Target } from '../target.ts';
import type { Options, World } from '../world.ts';
import { follow } from './callback.ts';

/** Measures the memory of an idle reader: one connection with one subscription. */
export async function memory(world: World, { quick }: Options): Promise<Row[]> {
  const count = quick ? 1_000 : 10_000;
  await using baselineSubject = await world.startSubject('baseline');
  await using peerSubject = await world.startSubject('socket-io');
  const sessions = await world.newSessions(count + 100);
  await world.db.pool.query(`UPDATE ${world.schema}."AgentTask" SET "status" = 'COMPLETED' WHERE "id" = ANY($1)`, [
    sessions.map(({ taskId }) => taskId),
  ]);
  const warm = sessions.slice(count);
  const idle = sessions.slice(0, count);
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
    baseline: await measure((some) => baseline(baselineSubject, some)),
    peer: await measure((some) => socketIo(peerSubject, some)),
    value: await measure((some) => product(world, some)),
  };
  return [
    toRow(`memory of an idle subscription, ${count} of them, KB`, [measured], {
      baseline: 2.5,
      peer: 1,
      is: 'at most',
    }),
  ];
}
