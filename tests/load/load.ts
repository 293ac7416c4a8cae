import { type Address, type Answer, type HttpClient, httpClient, type Request } from './http-client.ts';

/** Keeps so many connections busy until the time is up; answers how many requests were answered each second. */
export async function requestsPerSecond(
  target: Address,
  { clients, ms, next, status }: { clients: number; ms: number; next: (client: number) => Request; status: number },
): Promise<number> {
  let answered = 0;
  const connections = Array.from({ length: clients }, () => httpClient(target));
  const start = performance.now();
  await Promise.all(
    connections.map(async (connection, index) => {
      while (performance.now() - start < ms) {
        expectStatus(await connection.send(next(index)), status);
        answered++;
      }
    }),
  );
  const seconds = (performance.now() - start) / 1000;
  for (const connection of connections) connection.close();
  return answered / seconds;
}

/** Sends one request on a free connection of a pool. */
export function connectionPool(target: Address, size: number) {
  const all = Array.from({ length: size }, () => httpClient(target));
  const free: HttpClient[] = [...all];
  return {
    async send(request: Request, status: number) {
      const connection = free.pop();
      if (!connection) throw new Error('More requests at once than the bench has connections for.');
      expectStatus(await connection.send(request), status);
      free.push(connection);
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}

function expectStatus(answer: Answer, status: number) {
  if (answer.status !== status)
    throw new Error(`HTTP ${answer.status} instead of ${status}: ${answer.body.slice(0, 500)}`);
}
