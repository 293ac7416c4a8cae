// A fake bridge. HTTP requests control whether it is ready, exits or runs commands.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createSharedSecretOptions } from '@it0/node/shared-secret-tls';

const { BRIDGE_PORT, BRIDGE_SECRET, CRASH } = process.env;
if (CRASH) {
  process.stdout.write('first line\nthe disk is full\n');
  process.exit(1);
}

/** Identifies this start. */
const name = `start ${crypto.randomUUID()}`;
let detail: string | null = null;
let silent = false;
let starting: true | undefined;
process.on('SIGTERM', () => process.exit());
// A bridge needs some time to end after its server was killed.
process.on('disconnect', () => setTimeout(() => process.exit(), 300));

const server = createServer(createSharedSecretOptions(BRIDGE_SECRET!), (request, response) => {
  if (silent && request.url !== '/speak') return;
  if (request.headers.authorization !== `Bearer ${BRIDGE_SECRET}`) return response.writeHead(401).end();
  if (request.url === '/crash') process.exit(1);
  if (request.url === '/fail') detail = 'The gateway is gone.';
  if (request.url === '/silence' || request.url === '/speak') silent = request.url === '/silence';
  if (request.url === '/start') [starting, detail] = [true, 'The gateway starts slowly.'];
  if (request.url === '/recover') [starting, detail] = [undefined, null];
  const command = /^\/run\?(.*)/.exec(request.url ?? '')?.[1];
  if (command) {
    const { stdout, stderr } = spawnSync('sh', ['-c', decodeURIComponent(command)], { encoding: 'utf8' });
    return response.end(stdout + stderr);
  }
  const engine = { version: '1', connected: detail === null };
  const isolation = { method: 'bubblewrap', detail: null };
  const health = { ready: detail === null, starting, engine, model: { name, scripted: true }, isolation, detail };
  response.writeHead(health.ready ? 200 : 503).end(JSON.stringify(health));
}).listen(Number(BRIDGE_PORT), '127.0.0.1', () =>
  process.send!({ type: 'listening', port: (server.address() as AddressInfo).port }),
);
