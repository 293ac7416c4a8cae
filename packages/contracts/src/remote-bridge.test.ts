import { expect, test } from 'vitest';
import { CheckIn, formatEnrollCommand, formatRunCommand } from './remote-bridge.ts';

const checkIn = {
  ...{ protocol: 1, version: '1.0.0', host: 'web-1', server: 'http://it0.example.com:4000', url: null },
  ...{ running: null, wait: true },
};
const accepts = (fields: object) => CheckIn.safeParse({ ...checkIn, ...fields }).success;

test.each([
  ...['http://localhost:4000', 'https://ops.example.com', 'https://ops.example.com/it0/', 'http://127.0.0.1:1'],
  ...[
    'http://[::1]:4000',
    'http://[2001:db8::1]',
    'http://müller.example',
    'http://my-host',
    'http://it0_server_1:4000',
  ],
])('CheckIn accepts the address %s', (server) => {
  expect(accepts({ server })).toBe(true);
  expect(accepts({ url: server })).toBe(true);
  expect(formatRunCommand(server, '/bridge/1.tgz')).toMatch(/^npx --yes [\w:/.[\]-]+ --server [\w:/.[\]-]+$/);
});

test.each([
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the text is for a shell
  ...['http://evil;touch${ifs}x;$(id)/', 'http://a`id`b', 'http://$(id).example.com', "http://a'b", 'http://{a,b}'],
  ...['http://a&b', 'http://a!b', 'http://a*b', 'http://user@host', 'http://u:p@host', 'http://host/?x=1'],
  ...['http://host/#x', 'http://host/?', 'ftp://host', 'javascript:x', 'host', ''],
])('CheckIn refuses the address %j, and formatEnrollCommand throws for it', (server) => {
  expect(accepts({ server })).toBe(false);
  expect(accepts({ url: server })).toBe(false);
  expect(() => formatEnrollCommand(server, '/bridge/1.tgz', 'abc')).toThrow();
});

test('CheckIn shortens the texts of a bridge and removes escape sequences', () => {
  const evil = `\u001b]0;x\u0007\u001b[2J${'x'.repeat(200_000)}\n✓`;
  const health = {
    ...{ ready: false, engine: { version: evil, connected: false } },
    ...{ model: { name: evil, scripted: false }, detail: evil },
  };
  const parsed = CheckIn.parse({ ...checkIn, host: evil, version: evil, running: { revision: 0, health } });
  const texts = JSON.stringify(parsed);
  expect(texts.length).toBeLessThan(6_000);
  expect(texts).not.toMatch(/\p{Cc}|\\u/u);
});

test('formatRunCommand keeps only the origin of a server address with shell syntax in its path', () => {
  expect(formatRunCommand('http://host/$(id);x', '/bridge/1.tgz')).toBe(
    'npx --yes http://host/bridge/1.tgz --server http://host',
  );
});
