import { spawnSync } from 'node:child_process';
import type { Fault, World } from '../harness/world.ts';

/** Limits the size of the bridge's files, in bytes, which simulates a full disk. */
function limitFiles(pid: number, bytes: number | 'unlimited') {
  const { status, stderr } = spawnSync('prlimit', ['--pid', `${pid}`, `--fsize=${bytes}:unlimited`], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`prlimit failed: ${stderr}`);
}

/** Prevents all writes for a while. No task may be accepted or lost, and the log must say why. */
async function diskFull(world: World) {
  const { cluster, ledger, random, runs } = world;
  const people = await Promise.all(Array.from({ length: 4 }, () => world.newOperator()));
  let fullSince: number | null = null;
  let refused = false;
  cluster.bridgeGate.behavior = async (request, forward) => {
    const since = fullSince;
    const response = await forward();
    const wasFull = since !== null && since === fullSince;
    if (wasFull && request.path === '/task-async' && typeof response !== 'string') {
      if (response.status < 300) ledger.blame('lost', 'a task was accepted while the disk was full');
      refused ||= response.status >= 500;
    }
    return response;
  };
  await world.whileBusy(people, async () => {
    for (let run = 0; run < runs; run++) {
      await random.moment(200, 1_500);
      ledger.recordInjection();
      limitFiles(cluster.bridge.pid, 1);
      fullSince = Date.now();
      await random.moment(300, 2_500);
      fullSince = null;
      limitFiles(cluster.bridge.pid, 'unlimited');
    }
  });
  if (refused && !/disk/i.test(cluster.bridge.log())) ledger.blame('lost', 'the log does not mention the full disk');
}

export const disk: Fault[] = [
  { name: 'disk full for the outbox', runs: 40, quick: 2, needs: 'prlimit', inject: diskFull },
];
