import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which way bytes are lost: to the server, to the client, or both. */
export type Way = 'up' | 'down' | 'both';
type Pair = { client: Socket; server: Socket; dead?: Way };

export type TcpProxy = Awaited<ReturnType<typeof tcpProxy>>;

/** A network of our own in front of a port, which can be cut, or lose packets so that neither side is told. */
export async function tcpProxy(target: () => number) {
  const pairs = new Set<Pair>();
  let away = false;

  const listener = createServer((client) => {
    if (away) return void lost.add(client.on('error', () => {}));
    const server = connect(target(), '127.0.0.1');
    const pair: Pair = { client, server };
    pairs.add(pair);
    relay(pair, client, server, 'up');
    relay(pair, server, client, 'down');
  });
  const lost = new Set<Socket>();

  function relay(pair: Pair, from: Socket, to: Socket, way: Way) {
    const isLost = () => pair.dead === way || pair.dead === 'both';
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (!isLost() && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    // That a connection ended is told by packets too.
    from.on('end', () => isLost() || to.end());
    from.on('error', () => isLost() || to.destroy());
    from.on('close', () => {
      if (!isLost()) to.destroy();
      if (from.destroyed && to.destroyed) pairs.delete(pair);
    });
  }

  await once(listener.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (listener.address() as AddressInfo).port,
    /** Ends every connection, with a reset or in good order. */
    cut(reset: boolean) {
      for (const { client, server } of pairs) {
        for (const socket of [client, server]) reset ? socket.resetAndDestroy() : socket.destroy();
      }
    },
    /** From now on the connections there are lose what is sent this way, for ever. New ones work. */
    freeze(way: Way) {
      for (const pair of pairs) pair.dead = way;
    },
    /** While `away`, who connects hears nothing. */
    set away(value: boolean) {
      away = value;
      if (away) return;
      for (const socket of lost) socket.destroy();
      lost.clear();
    },
    close() {
      listener.close();
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.destroy();
      for (const socket of lost) socket.destroy();
    },
  };
}
