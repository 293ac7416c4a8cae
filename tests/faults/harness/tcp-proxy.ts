import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** Which way bytes are lost: to the server, to the client, or both. */
export type Way = 'up' | 'down' | 'both';
type Pair = { client: Socket; server: Socket; frozen?: Way };

export type TcpProxy = Awaited<ReturnType<typeof tcpProxy>>;

/** Starts a proxy for a port whose connections can be cut, or silently lose packets. */
export async function tcpProxy(target: () => number) {
  const pairs = new Set<Pair>();
  let isUnreachable = false;

  const listener = createServer((client) => {
    if (isUnreachable) return void waiting.add(client.on('error', () => {}));
    const server = connect(target(), '127.0.0.1');
    const pair: Pair = { client, server };
    pairs.add(pair);
    relay(pair, client, server, 'up');
    relay(pair, server, client, 'down');
  });
  const waiting = new Set<Socket>();

  function relay(pair: Pair, from: Socket, to: Socket, way: Way) {
    const isLost = () => pair.frozen === way || pair.frozen === 'both';
    from.setNoDelay(true);
    from.on('data', (chunk) => {
      if (!isLost() && !to.write(chunk)) {
        from.pause();
        to.once('drain', () => from.resume());
      }
    });
    // The end of a connection is a packet, too.
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
    /** Closes every connection, with or without a reset. */
    cut(reset: boolean) {
      for (const { client, server } of pairs) {
        for (const socket of [client, server]) reset ? socket.resetAndDestroy() : socket.destroy();
      }
    },
    /** Loses everything that is sent this way on the current connections. New ones work. */
    freeze(way: Way) {
      for (const pair of pairs) pair.frozen = way;
    },
    /** While unreachable, new connections get no response. */
    set isUnreachable(value: boolean) {
      isUnreachable = value;
      if (isUnreachable) return;
      for (const socket of waiting) socket.destroy();
      waiting.clear();
    },
    close() {
      listener.close();
      for (const { client, server } of pairs) for (const socket of [client, server]) socket.destroy();
      for (const socket of waiting) socket.destroy();
    },
  };
}
