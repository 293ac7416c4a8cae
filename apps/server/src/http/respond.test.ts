import { randomBytes, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { toLoggedPath } from './respond.ts';

test('toLoggedPath omits the query, and the token of a link to any page', () => {
  const token = randomBytes(32).toString('base64url');
  const link = `${randomUUID()}.${token}`;
  for (const url of [
    `/sign-in/${token}`,
    `/invitation/${link}`,
    `/any/${token}/more`,
    `/reset-password?token=${token}`,
  ]) {
    expect([url, toLoggedPath({ url })]).toEqual([url, expect.not.stringContaining(token.slice(0, 20))]);
  }
});

test('toLoggedPath keeps a path that contains no token', () => {
  const url = `/api/v1/agent/instances/${randomUUID()}/tasks`;
  expect(toLoggedPath({ url: `${url}?limit=2` })).toBe(url);
});
