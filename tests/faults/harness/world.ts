import { randomUUID } from 'node:crypto';
import type { TaskStatus } from '@it0/contracts/chat-event';
import type { Job } from '../gateway/job.ts';
import { audit } from './audit.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { createLedger, type Ledger, type Verdict } from './ledger.ts';
import { createOperator, type Operator, type OperatorOptions } from './operator.ts';
import type { Random } from './random.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** What a fault needs to be injected. */
export type World = {
  cluster: Cluster;
  ledger: Ledger;
  random: Random;
  /** How often the fault is to be injected. */
  runs: number;
  /** A person at a screen, behind a network of their own. */
  operator(options?: Partial<OperatorOptions>): Promise<Operator & { link: TcpProxy }>;
  /** A piece of work like any other: short or longer, with a command or without. */
  job(overrides?: Partial<Job>): Job;
  /** Some people who go on writing until `work` is done and all they were told is on their screens. */
  whileBusy(operators: Operator[], work: () => Promise<void>, ends?: TaskStatus[]): Promise<void>;
};

export type Fault = {
  name: string;
  /** How often a full run injects it, and a quick one; a quick run leaves out what has none. */
  runs: number;
  quick?: number;
  /** A program without which it is left out of a quick run. */
  needs?: string;
  /** What its cluster needs; those that need nothing share one. */
  cluster?: Partial<ClusterOptions>;
  inject(world: World): Promise<void>;
};

/** How long after the last fault a task may take to its end. */
const patience = 60_000;

/** Injects one fault as often as asked for, and says what came of it. */
export async function injectFault(fault: Fault, { cluster, random, runs }: Pick<World, 'cluster' | 'random' | 'runs'>) {
  const ledger = createLedger(fault.name);
  const operators: Operator[] = [];

  const world: World = {
    cluster,
    ledger,
    random,
    runs,
    async operator(options = {}) {
      const link = await cluster.link();
      const { cookie, instanceId } = cluster;
      const name = `operator ${operators.length + 1}`;
      const operator = createOperator({ name, port: link.port, cookie, instanceId, ledger, ...options });
      operators.push(operator);
      return Object.assign(operator, { link });
    },
    job: (overrides = {}) => ({
      name: randomUUID(),
      words: random.int(3, 40),
      pace: random.int(5, 30),
      tool: random.pick([undefined, undefined, 'free', 'asked']),
      ...overrides,
    }),
    async whileBusy(busy, work, ends) {
      let isOver = false;
      const writing = busy.map(async (operator) => {
        while (!isOver) {
          await operator.say(world.job(), ends);
          await random.moment(0, 200);
        }
      });
      await work();
      isOver = true;
      await settled(writing);
    },
  };

  try {
    await fault.inject(world);
    await audit(cluster, ledger, operators);
  } catch (error) {
    ledger.blame('endless', `the run could not go on: ${error instanceof Error ? error.stack : error}`);
  } finally {
    for (const operator of operators) operator.close();
    cluster.callbackGate.behaviour = null;
    cluster.bridgeGate.behaviour = null;
  }
  return { verdict: ledger.verdict() satisfies Verdict, notes: ledger.notes };
}

/** Until all is done, or for so many milliseconds and then some. What does not end is found by the audit. */
export async function settled(work: Promise<void>[], ms = 0) {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms + patience);
  await Promise.race([Promise.all(work), late]);
  clearTimeout(timer);
}
