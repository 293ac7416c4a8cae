// The baseline: the least code that does the work, with node:http, one named statement and raw ws. It has no
// authentication and no validation.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { type WebSocket, WebSocketServer } from 'ws';
import { append, createTask, HISTORY, MISSED, type Reported } from './statements.ts';

const { DATABASE_URL, SCHEMA } = process.env;
const schema = SCHEMA!;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
const readers = new Map<string, WebSocket>();
const sessionByTask = new Map<string, string>();

const server = createServer((request, response) => {
  handle(request).then(
    (body) => {
      const json = JSON.stringify(body);
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
      response.end(json);
    },
    (error: unknown) => {
      process.stderr.write(`${error}\n`);
      response.writeHead(500, { 'content-length': 0 }).end();
    },
  );
});

async function handle(request: IncomingMessage): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
  if (pathname === '/history') {
    const values = [searchParams.get('session'), searchParams.get('owner')];
    return (await pool.query({ name: 'history', text: HISTORY(schema), values })).rows;
  }
  const body = await read(request);
  if (pathname === '/create') return createTask(pool, schema, JSON.parse(body));
  const callback = JSON.parse(body) as Reported;
  if (pathname === '/ephemeral') {
    readers.get(sessionByTask.get(callback.taskId)!)?.send(JSON.stringify(callback.events));
    return {};
  }
  const appended = await append(pool, schema, callback);
  if (!appended) throw new Error('The events do not follow on the log.');
  sessionByTask.set(callback.taskId, appended.sessionId);
  readers.get(appended.sessionId)?.send(JSON.stringify(appended.events));
  return { ack: callback.events.at(-1)!.n };
}

function read(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk) => {
      body += chunk;
    });
    request.on('end', () => resolve(body)).on('error', reject);
  });
}

new WebSocketServer({ server }).on('connection', (socket, request) => {
  const { searchParams } = new URL(request.url!, 'http://localhost');
  const sessionId = searchParams.get('session')!;
  readers.set(sessionId, socket);
  sessionByTask.set(searchParams.get('task')!, sessionId);
  socket.on('close', () => readers.get(sessionId) === socket && readers.delete(sessionId));
  const after = searchParams.get('after');
  if (after) void replay(socket, sessionId, Number(after));
  else socket.send('[]');
});

async function replay(socket: WebSocket, sessionId: string, after: number) {
  const client = await pool.connect();
  await client.query('BEGIN');
  await client.query(`DECLARE missed NO SCROLL CURSOR FOR ${MISSED(schema)}`, [sessionId, after]);
  for (;;) {
    const { rows } = await client.query({ name: 'fetch', text: 'FETCH 500 FROM missed' });
    if (rows.length === 0) break;
    socket.send(JSON.stringify(rows.map(({ payload, ...row }) => ({ ...payload, ...row }))));
  }
  await client.query('COMMIT');
  client.release();
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('disconnect', () => process.exit());
