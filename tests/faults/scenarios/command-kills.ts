import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { until } from '@it0/tests/support/until';
import { formatReply, getReleaseFile, getTracePrefix, type Job } from '../gateway/job.ts';
import type { Cluster } from '../harness/cluster.ts';
import type { Operator } from '../harness/operator.ts';
import { GATEWAY_OUTPUT_MS, getBridge, getGateway, type Victim } from '../harness/victims.ts';
import { type Fault, settle, type World } from '../harness/world.ts';

type Moment = 'runs' | 'waits';
const LATE_MS = 18 * 60_000;

/** Returns whether the approval of a job's command is pending on a user's screen. */
const isPending = (person: Operator, { name }: Job) =>
  [...person.screen().values()].some((response) =>
    response?.parts.some(
      (part) => part.type === 'approval' && part.status === 'PENDING' && part.command.includes(name),
    ),
  );

const hasStarted = ({ workspace }: Cluster, job: Job) =>
  existsSync(workspace) && readdirSync(workspace).some((file) => file.startsWith(getTracePrefix(job)));

/** Returns whether a process has the job's command in its arguments. */
function isAlive({ name }: Job) {
  const { stdout } = spawnSync('ps', ['-axww', '-o', 'command='], { encoding: 'utf8' });
  return stdout.includes(name);
}

/**
 * Kills processes while the commands of all users run, or their approvals are pending. A pending approval is decided
 * while the processes are dead; a command that ran needs a new approval. No command may outlive the processes.
 */
function killDuring(moment: Moment, victims: (cluster: Cluster) => Victim[]): Fault['inject'] {
  return async (world) => {
    const { cluster, ledger, random, runs } = world;
    const people = await Promise.all([world.newOperator(), world.newOperator(), world.newOperator()]);
    for (let run = 0; run < runs; run++) {
      const decision = moment === 'runs' ? 'allow-once' : random.pick<ApprovalDecision>(['allow-once', 'deny']);
      const tasks = people.map((person) => begin(world, person, moment, decision));
      await until(
        () => tasks.every(({ person, job }) => (moment === 'runs' ? hasStarted(cluster, job) : isPending(person, job))),
        GATEWAY_OUTPUT_MS,
      );
      const dead = victims(cluster);
      ledger.recordInjection();
      await Promise.all(dead.map((victim) => victim.kill()));
      for (const person of people) person.decideAll(decision);
      await random.moment(0, 1_000);
      await until(() => !tasks.some(({ job }) => isAlive(job)), 20_000).catch(() =>
        ledger.blame('endless', 'a command outlives its task'),
      );
      for (const { job } of tasks) writeFileSync(join(cluster.workspace, getReleaseFile(job)), '');
      await Promise.all(dead.map((victim) => victim.start()));
      await settle(
        tasks.map(({ sending }) => sending),
        cluster.gateway ? 0 : GATEWAY_OUTPUT_MS,
      );
    }
  };
}

function begin({ cluster, newJob }: World, person: Operator, moment: Moment, decision: ApprovalDecision) {
  person.decideAll(moment === 'runs' ? decision : null);
  const job = newJob({ words: 5, pace: 5, tool: 'manual', held: moment === 'runs' });
  // The text of a real agent's reply is not checked.
  const reply = cluster.gateway ? formatReply(job, decision === 'allow-once') : null;
  return { person, job, sending: person.send(job, ['COMPLETED'], reply) };
}

const victims = {
  bridge: (cluster: Cluster) => [getBridge(cluster)],
  gateway: (cluster: Cluster) => [getGateway(cluster)],
  'bridge and gateway': (cluster: Cluster) => [getBridge(cluster), getGateway(cluster)],
};

export const commandKills: Fault[] = Object.entries(victims).flatMap(([name, killed]) =>
  (['runs', 'waits'] as const).map((moment) => ({
    name: `${name} killed while a command ${moment}`,
    runs: 8,
    quick: name === 'gateway' ? undefined : 1,
    inject: killDuring(moment, killed),
  })),
);

/** Decides when OpenClaw would have aborted a run without progress, which it does after 15 minutes by default. */
async function decideLate(world: World) {
  const person = await world.newOperator();
  const { job, sending } = begin(world, person, 'waits', 'allow-once');
  await until(() => isPending(person, job), GATEWAY_OUTPUT_MS);
  await after(LATE_MS);
  world.ledger.recordInjection();
  person.decideAll('allow-once');
  await settle([sending], GATEWAY_OUTPUT_MS);
}

export const realCommandKills: Fault[] = [
  ...Object.entries(victims).flatMap(([name, killed]) =>
    (['runs', 'waits'] as const).map((moment) => ({
      name: `real OpenClaw: ${name} killed while a command ${moment}`,
      runs: 2,
      cluster: { realGateway: true },
      inject: killDuring(moment, killed),
    })),
  ),
  { name: 'real OpenClaw: a decision after 18 minutes', runs: 1, cluster: { realGateway: true }, inject: decideLate },
];
