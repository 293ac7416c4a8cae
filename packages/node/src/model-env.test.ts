import { expect, test } from 'vitest';
import { toModelEnv } from './model-env.ts';

const server = { PATH: '/bin', ANTHROPIC_API_KEY: 'server', OPENAI_API_KEY: 'server', IT0_MODEL: 'server' };
const defaults = { name: null, baseUrl: null, key: null };

test('the model of the server has its key, but not its restriction of hosts', () => {
  const environment = { ...server, MODEL_ALLOW: 'model.example' };
  expect(toModelEnv(environment, { ...defaults, provider: 'server' })).toEqual(server);
  expect(toModelEnv(environment, undefined)).toEqual(server);
});

test('a bridge with its own model gets no key of another model', () => {
  expect(toModelEnv(server, { ...defaults, provider: 'scripted' })).toEqual({ PATH: '/bin' });
  expect(toModelEnv(server, { ...defaults, provider: 'anthropic', name: 'claude', key: 'own' })).toEqual({
    ...{ PATH: '/bin', ANTHROPIC_API_KEY: 'own', IT0_MODEL: 'claude' },
  });
  const local = { ...defaults, provider: 'openai-compatible', baseUrl: 'http://localhost:11434/v1' } as const;
  expect(toModelEnv(server, local)).toEqual({ PATH: '/bin', OPENAI_API_KEY: 'none', OPENAI_BASE_URL: local.baseUrl });
});
