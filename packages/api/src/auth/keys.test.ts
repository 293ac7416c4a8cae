import { expect, test } from 'vitest';
import { callbackTokens, signCallbackToken } from '../agent/task/callback-token.ts';
import { createKeys } from './keys.ts';

const id = '01990000-0000-7000-8000-000000000001';
const capability = { tenantId: id, instanceId: id, sessionId: id, taskId: id };
const [first, second, third] = [createKeys('one'), createKeys('two', 'one'), createKeys('three', 'two')];

test('what was sealed and signed under the secret before is still taken, and what is older is not', async () => {
  const sealed = first.seal('a secret');
  expect(second.open(sealed)).toBe('a secret');
  expect(() => third.open(sealed)).toThrow();

  const token = await signCallbackToken(first, capability, new Date());
  expect(await callbackTokens(second).verify(token)).toEqual(capability);
  expect(await callbackTokens(third).verify(token)).toBeNull();
});

test('under a new secret everything is sealed and signed with that one alone', async () => {
  const token = await signCallbackToken(second, capability, new Date());
  expect(await callbackTokens(first).verify(token)).toBeNull();
  expect(() => first.open(second.seal('a secret'))).toThrow();
});
