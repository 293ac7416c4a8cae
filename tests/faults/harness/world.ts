import { randomUUID } from 'node:crypto';
import type { TaskStatus } from '@it0/contracts/chat-event';
import type { Job } from '../gateway/job.ts';
import { audit } from './audit.ts';
import type { Cluster, ClusterOptions } from './cluster.ts';
import { createLedger, type Ledger, type Verdict } from './ledger.ts';
import { createOperator, type Operator, type OperatorOptions } from './operator.ts';
import type { Random } from './random.ts';
import type { TcpProxy } from './tcp-proxy.ts';

/** The parts that a fault works with. */
export type World = {
  cluster: Cluster;
  ledger: Ledger;
  random: Random;
  /** How often to inject the fault. */
  runs: number;
  /** Creates a person at a screen, behind a separate network. */
  newOperator(options?: Partial<OperatorOptions>): Promise<Operator & { link: TcpProxy }>;
  /** Creates a random job: short or long, with or without a command. */
  newJob(overrides?: Partial<Job>): Job;
  /** Lets people send messages until `work` is done, and waits for all replies. */
  whileBusy(operators: Operator[], work: () => Promise<void>, ends?: TaskStatus[]): Promise<void>;
};

export type Fault = {
  name: string;
  /** How often a full run injects it, and a quick run; without `quick` it is not part of a quick run. */
  runs: number;
  quick?: number;
  /** A required program. Without it, a quick run skips the fault. */
  needs?: string;
  /** Options of its cluster. Faults without options share one cluster. */
  cluster?: Partial<ClusterOptions>;
  inject(world: World): Promise<void>;
};

/** The longest time from the last fault to the end of a task. */
const SETTLE_MS = 60_000;

/** Injects one fault `runs` times and returns the verdict. */
export async function injectFault(fault: Fault, { cluster, random, runs }: Pick<World, 'cluster' | 'random' | 'runs'>) {
  const ledger = createLedger(fault.name);
  const operators: Operator[] = [];

  const world: World = {
    cluster,
    ledger,
    random,
    runs,
    async newOperator(options = {}) {
      const link = await cluster.newLink();
      const { cookie, instanceId } = cluster;
      const name = `operator ${operators.length + 1}`;
      const operator = createOperator({ name, port: link.port, cookie, instanceId, ledger, ...options });
      operators.push(operator);
      return Object.assign(operator, { link });
    },
    newJob: (overrides = {}) => ({
      name: randomUUID(),
      words: random.int(3, 40),
      pace: random.int(5, 30),
      tool: random.pick([undefined, undefined, 'auto', 'manual']),
      ...overrides,
    }),
    async whileBusy(busy, work, ends) {
      let isOver = false;
      const writing = busy.map(async (operator) => {
        while (!isOver) {
          await operator.send(world.newJob(), ends);
          await random.moment(0, 200);
        }
      });
      await work();
      isOver = true;
      await settle(writing);
    },
  };

  try {
    await fault.inject(world);
    await audit(cluster, ledger, operators);
  } catch (error) {
    ledger.blame('endless', `the run failed: ${error instanceof Error ? error.stack : error}`);
  } finally {
    for (const operator of operators) operator.close();
    cluster.callbackGate.behavior = null;
    cluster.bridgeGate.behavior = null;
  }
  return { verdict: ledger.verdict() satisfies Verdict, notes: ledger.notes };
}

/** Waits for all work, for at most `ms` and the usual limit. The audit finds tasks without an end. */
export async function settle(work: Promise<void>[], ms = 0) {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms + SETTLE_MS);
  await Promise.race([Promise.all(work), late]);
  clearTimeout(timer);
}
