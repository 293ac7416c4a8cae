import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';

// Attacks a server from a process of its own, by everything that was ever found to hold it up at once, and tells what it
// was answered. `node floods.fixture.ts URL COOKIE SECONDS`
const [url = '', cookie = '', seconds = '5'] = process.argv.slice(2);
const until = Date.now() + Number(seconds) * 1_000;
const statuses: Record<string, number> = {};
const count = (name: string) => {
  statuses[name] = (statuses[name] ?? 0) + 1;
};
const address = new URL(url);

const json = { 'content-type': 'application/json' };
const ask = (path: string, init: RequestInit = {}, headers: Record<string, string> = { cookie }) =>
  fetch(url + path, { ...init, headers: { ...json, ...headers } }).then(
    async (response) => {
      await response.arrayBuffer();
      count(`${response.status}`);
    },
    () => count('no answer'),
  );

async function openSocket(search = '', headers: Record<string, string> = { cookie }) {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/agent${search}`, { headers });
  socket.on('error', () => {});
  socket.on('message', () => count('frames'));
  await Promise.race([once(socket, 'open'), once(socket, 'close'), once(socket, 'unexpected-response')]).catch(
    () => {},
  );
  return socket;
}

const floods: Record<string, () => Promise<unknown>> = {
  batches: () => ask(`/trpc/${Array(900).fill('instance.list').join(',')}?batch=1&input=%7B%7D`),
  'allowed batches': () => ask(`/trpc/${Array(20).fill('instance.list').join(',')}?batch=1&input=%7B%7D`),
  async 'thousands of streams in a frame'() {
    const socket = await openSocket();
    const messages = Array.from({ length: 5_000 }, (_, id) => ({
      ...{ id: id + 1, method: 'subscription', params: { path: 'instance.onStatus' } },
    }));
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(messages));
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.terminate();
  },
  async 'frames without end'() {
    const socket = await openSocket();
    for (let n = 0; n < 2_000 && socket.readyState === WebSocket.OPEN; n++)
      socket.send(JSON.stringify({ id: n, method: 'query', params: { path: 'instance.list' } }));
    await new Promise((resolve) => setTimeout(resolve, 100));
    socket.terminate();
  },
  async 'sockets of nobody'() {
    const sockets = await Promise.all(Array.from({ length: 50 }, () => openSocket('?connectionParams=1', {})));
    for (const socket of sockets) socket.terminate();
  },
  uploads: () => ask('/api/v1/agent/attachments', { method: 'POST', body: Buffer.alloc(5_000_000, 'a') }),
  'deep JSON': () => ask('/trpc/instance.rename', { method: 'POST', body: '['.repeat(200_000) + ']'.repeat(200_000) }),
  'large bodies': () =>
    ask('/trpc/instance.rename', { method: 'POST', body: JSON.stringify({ name: 'a'.repeat(3_000_000) }) }),
  callbacks: () =>
    ask(
      '/api/v1/agent/instances/openclaw-app-callback',
      {
        method: 'POST',
        body: JSON.stringify({ taskId: randomUUID(), events: Array(501).fill({ type: 'heartbeat' }) }),
      },
      { authorization: 'Bearer nothing' },
    ),
  'wrong passwords': () =>
    ask(
      '/trpc/auth.signIn',
      { method: 'POST', body: JSON.stringify({ email: `${randomUUID()}@example.com`, password: 'wrong wrong' }) },
      {},
    ),
  'messages and renames': () =>
    ask('/trpc/account.rename', { method: 'POST', body: JSON.stringify({ name: randomUUID() }) }),
  async 'slow requests'() {
    const sockets = Array.from({ length: 20 }, () => connect(Number(address.port), '127.0.0.1'));
    for (const socket of sockets) socket.on('error', () => {}).write('POST /trpc/auth.signIn HTTP/1.1\r\nhost: x\r\n');
    await new Promise((resolve) => setTimeout(resolve, 300));
    for (const socket of sockets) socket.destroy();
  },
};

await Promise.all(
  Object.entries(floods).map(async ([name, flood]) => {
    while (Date.now() < until) {
      await flood();
      count(name);
    }
  }),
);
console.log(JSON.stringify(statuses));
process.exit(0);
