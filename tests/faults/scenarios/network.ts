import type { Job } from '../gateway/job.ts';
import type { Operator } from '../harness/operator.ts';
import type { TcpProxy, Way } from '../harness/tcp-proxy.ts';
import type { Fault, World } from '../harness/world.ts';
import { settled } from '../harness/world.ts';

type Person = Operator & { link: TcpProxy };

/** So many people at once, each of whom lives through the fault again and again, in a network of their own. */
async function each(
  world: World,
  people: number,
  live: (person: Person, world: World) => Promise<void>,
  decides = true,
) {
  const own = decides ? {} : { decision: null };
  const persons = await Promise.all(Array.from({ length: people }, () => world.operator(own)));
  let left = world.runs;
  await settled(
    persons.map(async (person) => {
      while (left-- > 0) await live(person, world);
    }),
    world.runs * 2_000,
  );
}

/** A message during which the link breaks, some milliseconds after Enter. */
async function broken(person: Person, { ledger, random }: World, job: Job, within: [number, number], how: () => void) {
  const said = person.say(job);
  await random.moment(...within);
  ledger.strike();
  how();
  await said;
}

/** What a job takes when nothing happens. */
const duration = ({ words, pace }: Job) => words * pace + 300;
const long = { words: 40, pace: 20, tool: undefined };

export const network: Fault[] = [
  {
    name: 'socket cut at Enter',
    runs: 400,
    quick: 20,
    inject: (world) =>
      each(world, 8, (person) => {
        const job = world.job({ words: 5, pace: 5, tool: undefined });
        return broken(person, world, job, [0, 25], () => person.link.cut(world.random.chance(0.5)));
      }),
  },
  {
    name: 'socket cut mid-stream',
    runs: 300,
    quick: 15,
    inject: (world) =>
      each(world, 8, (person) => {
        const job = world.job(long);
        return broken(person, world, job, [50, duration(job)], () => person.link.cut(world.random.chance(0.5)));
      }),
  },
  {
    name: 'socket cut during an approval',
    runs: 200,
    quick: 10,
    inject: (world) =>
      each(
        world,
        8,
        async (person) => {
          const { random, ledger } = world;
          const said = person.say(world.job({ words: 5, pace: 5, tool: 'asked' }));
          const approval = await person.asked();
          await random.moment(0, 100);
          const cutBefore = random.chance(0.5);
          ledger.strike();
          if (cutBefore) person.link.cut(random.chance(0.5));
          person.decide(approval, 'allow-once');
          if (!cutBefore) person.link.cut(random.chance(0.5));
          await said;
        },
        false,
      ),
  },
  {
    name: 'half-open link to a client',
    runs: 120,
    quick: 6,
    inject: (world) =>
      each(world, 12, (person) => {
        const job = world.job(long);
        const way = world.random.pick<Way>(['up', 'down', 'both']);
        return broken(person, world, job, [0, duration(job)], () => person.link.freeze(way));
      }),
  },
  {
    name: 'half-open link to the gateway',
    runs: 8,
    quick: 1,
    inject: async (world) => {
      const { random, ledger, cluster } = world;
      const people = await Promise.all(Array.from({ length: 4 }, () => world.operator()));
      for (let run = 0; run < world.runs; run++) {
        const said = people.map((person) => person.say(world.job(long)));
        await random.moment(50, 1_000);
        ledger.strike();
        cluster.gatewayLink.freeze(random.pick<Way>(['up', 'down', 'both']));
        await settled(said);
      }
    },
  },
];
