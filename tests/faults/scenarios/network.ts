import type { Job } from '../gateway/job.ts';
import type { Operator } from '../harness/operator.ts';
import type { TcpProxy, Way } from '../harness/tcp-proxy.ts';
import type { Fault, World } from '../harness/world.ts';
import { settle } from '../harness/world.ts';

type Person = Operator & { link: TcpProxy };

/** Injects a fault for several people at once, each behind a separate network. */
async function repeatPerPerson(
  world: World,
  people: number,
  inject: (person: Person, world: World) => Promise<void>,
  decides = true,
) {
  const options = decides ? {} : { decision: null };
  const persons = await Promise.all(Array.from({ length: people }, () => world.newOperator(options)));
  let remaining = world.runs;
  await settle(
    persons.map(async (person) => {
      while (remaining-- > 0) await inject(person, world);
    }),
    world.runs * 2_000,
  );
}

/** Sends a message and breaks the link within some milliseconds. */
async function breakDuring(
  person: Person,
  { ledger, random }: World,
  job: Job,
  within: [number, number],
  breakLink: () => void,
) {
  const sending = person.send(job);
  await random.moment(...within);
  ledger.recordInjection();
  breakLink();
  await sending;
}

/** Estimates the duration of a job without faults. */
const estimateMs = ({ words, pace }: Job) => words * pace + 300;
const long = { words: 40, pace: 20, tool: undefined };

export const network: Fault[] = [
  {
    name: 'socket cut at Enter',
    runs: 400,
    quick: 20,
    inject: (world) =>
      repeatPerPerson(world, 8, (person) => {
        const job = world.newJob({ words: 5, pace: 5, tool: undefined });
        return breakDuring(person, world, job, [0, 25], () => person.link.cut(world.random.chance(0.5)));
      }),
  },
  {
    name: 'socket cut mid-stream',
    runs: 300,
    quick: 15,
    inject: (world) =>
      repeatPerPerson(world, 8, (person) => {
        const job = world.newJob(long);
        return breakDuring(person, world, job, [50, estimateMs(job)], () => person.link.cut(world.random.chance(0.5)));
      }),
  },
  {
    name: 'socket cut during an approval',
    runs: 200,
    quick: 10,
    inject: (world) =>
      repeatPerPerson(
        world,
        8,
        async (person) => {
          const { random, ledger } = world;
          const sending = person.send(world.newJob({ words: 5, pace: 5, tool: 'manual' }));
          const approval = await person.waitForApproval();
          await random.moment(0, 100);
          const cutBefore = random.chance(0.5);
          ledger.recordInjection();
          if (cutBefore) person.link.cut(random.chance(0.5));
          person.decide(approval, 'allow-once');
          if (!cutBefore) person.link.cut(random.chance(0.5));
          await sending;
        },
        false,
      ),
  },
  {
    name: 'half-open link to a client',
    runs: 120,
    quick: 6,
    inject: (world) =>
      repeatPerPerson(world, 12, (person) => {
        const job = world.newJob(long);
        const way = world.random.pick<Way>(['up', 'down', 'both']);
        return breakDuring(person, world, job, [0, estimateMs(job)], () => person.link.freeze(way));
      }),
  },
  {
    name: 'half-open link to the gateway',
    runs: 8,
    quick: 1,
    inject: async (world) => {
      const { random, ledger, cluster } = world;
      const people = await Promise.all(Array.from({ length: 4 }, () => world.newOperator()));
      for (let run = 0; run < world.runs; run++) {
        const sending = people.map((person) => person.send(world.newJob(long)));
        await random.moment(50, 1_000);
        ledger.recordInjection();
        cluster.gatewayLink.freeze(random.pick<Way>(['up', 'down', 'both']));
        await settle(sending);
      }
    },
  },
];
