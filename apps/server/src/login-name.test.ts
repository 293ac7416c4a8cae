import { expect, test } from 'vitest';
import { toBrowserOrigin } from './addresses.ts';
import { deriveLoginName, findLoginName } from './login-name.ts';

test('deriveLoginName returns a stable name below localhost from the secret, and does not reveal the secret', () => {
  const [one, other] = [deriveLoginName('a secret'), deriveLoginName('another secret')];
  for (const name of [one, other]) expect(name).toMatch(/^it0-[0-9a-f]{12}\.localhost$/);
  expect(one).not.toBe(other);
  expect(deriveLoginName('a secret')).toBe(one);
});

test('findLoginName returns a name that this system resolves', async () => {
  expect([deriveLoginName('a secret'), 'localhost']).toContain(await findLoginName('a secret'));
});

test('toBrowserOrigin uses the login name only for a server that is reached as localhost', () => {
  const loginName = deriveLoginName('a secret');
  const format = (host: string, publicUrl?: string) => toBrowserOrigin({ host, port: 1, loginName, publicUrl });
  for (const host of ['127.0.0.1', '::', '0.0.0.0']) expect(format(host)).toBe(`http://${loginName}:1`);
  expect(format('::1')).toBe('http://[::1]:1');
  expect(format('127.0.0.1', 'https://ops.example.com')).toBe('https://ops.example.com');
});
