import { until } from '@it0/tests/support/until';
import { connectAs } from '../harness/operator.ts';
import type { TcpProxy } from '../harness/tcp-proxy.ts';
import type { Fault, World } from '../harness/world.ts';

const clients = 1_000;
const sessions = 10;

type Reader = { seq: number; close(): void };

/** Cuts all connections at once, while a reply streams in every session. */
async function reconnectAll(world: World) {
  const { ledger, random, runs, cluster } = world;
  const people = await Promise.all(Array.from({ length: sessions }, () => world.newOperator()));
  const link = await cluster.newLink();
  await Promise.all(people.map((person) => person.send(world.newJob({ tool: undefined }))));
  const readers = people.flatMap((person) =>
    Array.from({ length: clients / sessions }, () => reader(world, link, person.store.getState().sessionId!)),
  );
  const haveAll = () =>
    until(
      () =>
        people.every((person, index) =>
          readers.every(
            (reader, at) =>
              Math.floor(at / (clients / sessions)) !== index || reader.seq >= person.store.getState().seq,
          ),
        ),
      60_000,
    );
  try {
    await haveAll();
    for (let run = 0; run < runs; run++) {
      const sending = people.map((person) => person.send(world.newJob({ words: 40, pace: 20, tool: undefined })));
      await random.moment(100, 1_000);
      ledger.recordInjection();
      link.cut(random.chance(0.5));
      await Promise.all(sending);
      const at = Date.now();
      await haveAll();
      ledger.recovered(Date.now() - at);
    }
  } finally {
    for (const reader of readers) reader.close();
  }
}

function reader({ cluster, ledger }: World, link: TcpProxy, sessionId: string): Reader {
  const connection = connectAs(link.port, cluster.cookie);
  const inspect = ledger.createInspector('one of the readers', 0);
  const state = { seq: 0, close: () => void connection.close() };
  connection.trpc.session.onEvent.subscribe(
    { sessionId, lastEventId: '0' },
    {
      onData({ data }) {
        inspect(data);
        for (const event of data) if ('seq' in event) state.seq = event.seq;
      },
      onError: (error) => ledger.blame('lost', `a reader was refused: ${error.message}`),
    },
  );
  return state;
}

export const storms: Fault[] = [{ name: '1,000 clients reconnecting at once', runs: 5, inject: reconnectAll }];
