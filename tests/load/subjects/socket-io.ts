// A peer: Socket.IO with Express as in its documentation, with one room per session and one message per event.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import pg from 'pg';
import { Server, type Socket } from 'socket.io';
import { append, MISSED, type Reported } from './statements.ts';

const { DATABASE_URL, SCHEMA } = process.env;
const schema = SCHEMA!;
const pool = new pg.Pool({ connectionString: DATABASE_URL, max: 20 });
const app = express();
const server = createServer(app);
const io = new Server(server, { transports: ['websocket'], serveClient: false });
const sessionByTask = new Map<string, string>();

app.use(express.json({ limit: '4mb' }));
app.post('/callback', async (request, response) => {
  const appended = await append(pool, schema, request.body as Reported);
  if (!appended) return response.status(409).json({});
  for (const event of appended.events) io.to(appended.sessionId).emit('event', event);
  return response.json({ ack: appended.events.at(-1)!.n });
});
app.post('/ephemeral', (request, response) => {
  const { taskId, events } = request.body as Reported;
  for (const event of events) io.to(sessionByTask.get(taskId)!).emit('event', event);
  response.json({});
});

io.on('connection', async (socket) => {
  const { session, task, after } = socket.handshake.auth;
  await socket.join(session);
  sessionByTask.set(task, session);
  if (after === undefined) socket.emit('ready');
  else await replay(socket, session, after);
});

async function replay(socket: Socket, sessionId: string, after: number) {
  const { rows } = await pool.query({ name: 'missed', text: MISSED(schema), values: [sessionId, after] });
  for (const { payload, ...row } of rows) socket.emit('event', { ...payload, ...row });
}

server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`);
});
process.on('disconnect', () => process.exit());
