import { connect } from 'node:net';
import { testApp } from '@it0/tests/support/app';
import { expect, test } from 'vitest';

test('a malformed URL does not stop the server', async () => {
  await using app = await testApp();
  const client = app.client(await app.newUser());
  const { port } = new URL(app.url);
  for (const target of ['//', '/%', 'http://[', '*', '/ws/agent/../..//']) {
    const socket = connect(Number(port), '127.0.0.1');
    const headers = 'Host: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n';
    socket.write(`GET ${target} HTTP/1.1\r\n${headers}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`);
    socket.write(`GET ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    await new Promise((resolve) => socket.on('close', resolve).resume());
  }
  expect(await client.instance.list.query()).toEqual([]);
});
