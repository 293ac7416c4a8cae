import { selectModel } from '@it0/bridge/engines/openclaw/model';
import { readEnv, toServerModel } from '@it0/server/env';
import { expect, test, vi } from 'vitest';

const values = {
  ANTHROPIC_API_KEY: 'sk-a',
  ANTHROPIC_BASE_URL: 'https://a.example.com',
  OPENAI_API_KEY: 'sk-o',
  OPENAI_BASE_URL: 'https://o.example.com/v1',
  IT0_MODEL: 'named',
};
const names = Object.keys(values) as (keyof typeof values)[];
const providers = { anthropic: 'anthropic', openai: 'openai-compatible', scripted: 'scripted' } as const;

test('the server tests the model that a local bridge uses, for every combination of variables', () => {
  for (let bits = 0; bits < 2 ** names.length; bits++) {
    const env = Object.fromEntries(names.map((name, bit) => [name, (bits >> bit) & 1 ? values[name] : '']));
    for (const [name, value] of Object.entries(env)) vi.stubEnv(name, value);
    const tested = toServerModel(readEnv());
    const answering = selectModel({
      anthropicKey: env.ANTHROPIC_API_KEY,
      anthropicBaseUrl: env.ANTHROPIC_BASE_URL || undefined,
      openAiKey: env.OPENAI_API_KEY,
      openAiBaseUrl: env.OPENAI_BASE_URL || undefined,
      name: env.IT0_MODEL || undefined,
    });
    expect({ env, provider: tested.provider, key: tested.key }).toEqual({
      ...{ env, provider: providers[answering?.provider ?? 'scripted'] },
      key: answering?.apiKey ?? null,
    });
    if (!answering) continue;
    // Null means the default, on both sides.
    expect([answering.name, answering.baseUrl]).toEqual([
      tested.name ?? expect.not.stringContaining('named'),
      tested.baseUrl ?? expect.not.stringContaining('example.com'),
    ]);
  }
  vi.unstubAllEnvs();
});
