import { type Address, type HttpClient, type HttpResponse, httpClient, type Request } from './http-client.ts';

/** Keeps connections busy for `ms`. Returns the number of responses per second. */
export async function requestsPerSecond(
  target: Address,
  { clients, ms, next, status }: { clients: number; ms: number; next: (client: number) => Request; status: number },
): Promise<number> {
  let responses = 0;
  const connections = Array.from({ length: clients }, () => httpClient(target));
  const start = performance.now();
  await Promise.all(
    connections.map(async (connection, index) => {
      while (performance.now() - start < ms) {
        expectStatus(await connection.send(next(index)), status);
        responses++;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of connections) connection.close();
  return responses / seconds;
}

/** Sends one request on a free connection of a pool. */
export function connectionPool(target: Address, size: number) {
  const all = Array.from({ length: size }, () => httpClient(target));
  const free: HttpClient[] = [...all];
  return {
    async send(request: Request, status: number) {
      const connection = free.pop();
      if (!connection) throw new Error('The connection pool is exhausted.');
      expectStatus(await connection.send(request), status);
      free.push(connection);
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}

function expectStatus(response: HttpResponse, status: number) {
  if (response.status !== status)
    throw new Error(`HTTP ${response.status} instead of ${status}: ${response.body.slice(0, 500)}`);
}
