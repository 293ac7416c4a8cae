import { CALLBACK_PATH } from '@it0/contracts/bridge';
import { WebSocket } from 'ws';
import { createForm, upload } from '../support/upload.ts';

type Member = { cookie: string; email: string };
/** The result of a flood: the number of requests, and of those that the server served. */
export type Overload = { name: string; tried: number; done: number };

const formatBatch = (count: number) => Array(count).fill('instance.list').join(',');

/** Sends all kinds of floods at once that a member of a tenant, or a client without an account, can send. */
export async function overload(url: string, { cookie, email }: Member): Promise<Overload[]> {
  return Promise.all([
    count('batches of 400 calls', 20, () =>
      sendRequest(`${url}/trpc/${formatBatch(400)}?batch=1&input=%7B%7D`, { cookie }),
    ),
    count(
      'calls in batches',
      100,
      () => countResults(`${url}/trpc/${formatBatch(20)}?batch=1&input=%7B%7D`, { cookie }),
      20,
    ),
    count('calls over REST', 300, () => sendRequest(`${url}/api/v1/agent/instances`, { cookie })),
    count('streams of one frame of 5,000', 5, () => countStreams(url, cookie, 5_000), 5_000),
    count('streams of frames of 100', 20, () => countStreams(url, cookie, 100), 100),
    count('frames on one socket', 1, () => countFrames(url, cookie, 20_000), 20_000),
    count('unauthenticated sockets', 400, () => openSocket(`${url}/ws/agent?connectionParams=1`)),
    count('wrong passwords', 200, () => signIn(url, email)),
    count('bodies of 1 MB', 50, () => sendRequest(`${url}/trpc/instance.create`, { cookie }, 'x'.repeat(1_000_000))),
    count('nested bodies', 50, () => sendRequest(`${url}/trpc/instance.create`, { cookie }, '['.repeat(500_000))),
    count('files of 9 MB', 60, () => uploadFile(url, cookie)),
    count('unauthenticated callbacks', 200, () => sendRequest(`${url}${CALLBACK_PATH}`, {}, '{"events":[]}')),
  ]);
}

/** Makes attempts at the same time, each with `each` requests, and counts the served requests. */
async function count(name: string, times: number, attempt: () => Promise<number>, each = 1): Promise<Overload> {
  const done = await Promise.all(Array.from({ length: times }, attempt));
  return { name, tried: times * each, done: done.reduce((sum, one) => sum + one, 0) };
}

async function sendRequest(url: string, headers: Record<string, string>, body?: string): Promise<number> {
  const options = body === undefined ? {} : { method: 'POST', body };
  const response = await fetch(url, { headers: { ...headers, 'content-type': 'application/json' }, ...options });
  await response.arrayBuffer();
  return response.ok ? 1 : 0;
}

async function countResults(url: string, headers: Record<string, string>): Promise<number> {
  const results: unknown = await (await fetch(url, { headers })).json();
  return Array.isArray(results) ? results.filter((result) => 'result' in result).length : 0;
}

const signIn = (url: string, email: string) =>
  sendRequest(`${url}/trpc/auth.signIn`, {}, JSON.stringify({ email, password: 'wrong horse battery' }));

async function uploadFile(url: string, cookie: string): Promise<number> {
  const { status } = await upload(url, { cookie }, createForm('x.txt', 'x'.repeat(9_000_000)));
  return status === 200 ? 1 : 0;
}

/** Opens a WebSocket and leaves it open. Returns 1 when it opened, and 0 when it was refused. */
async function openSocket(address: string, headers = {}): Promise<number> {
  const socket = new WebSocket(address.replace('http', 'ws'), { headers });
  return new Promise((resolve) => {
    socket.on('open', () => resolve(1)).on('error', () => resolve(0));
  });
}

/** Counts the streams that one frame starts before the server answers a later call or closes the socket. */
function countStreams(url: string, cookie: string, streams: number): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/agent`, { headers: { cookie } });
  const subscriptions = Array.from({ length: streams }, (_, id) => ({
    ...{ id, method: 'subscription', params: { path: id % 2 ? 'instance.onStatus' : 'approval.onChange' } },
  }));
  let started = 0;
  return new Promise((resolve) => {
    const end = () => resolve(started);
    socket.on('open', () => {
      socket.send(JSON.stringify(subscriptions));
      socket.send(JSON.stringify({ id: 'last', method: 'query', params: { path: 'instance.list' } }));
    });
    socket.on('message', (data) => {
      const text = String(data);
      if (text.includes('"started"')) started++;
      if (text === 'PING') socket.send('PONG');
      if (text.includes('"last"')) end();
    });
    socket.on('close', end).on('error', end);
  });
}

/** Counts the answered frames of a socket until the server closes it. */
async function countFrames(url: string, cookie: string, frames: number): Promise<number> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/ws/agent`, { headers: { cookie } });
  let responses = 0;
  socket.on('message', (data) => {
    if (String(data) === 'PONG') responses++;
  });
  socket.on('error', () => {});
  const closed = new Promise((resolve) => socket.on('close', resolve));
  socket.on('open', () => {
    for (let n = 0; n < frames; n++) socket.send('PING', () => {});
  });
  await closed;
  return responses;
}
