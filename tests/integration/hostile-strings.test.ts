import { randomUUID } from 'node:crypto';
import { createLog } from '@it0/server/log';
import { toAuthHeaders } from '@it0/tests/support/app';
import { createFixture } from '@it0/tests/support/fixture';
import { getInputSchema, procedures, type Schema } from '@it0/tests/support/input-schemas';
import { expect, test } from 'vitest';

/** Strings that a database or a header refuses, or that have unusual characters. */
const hostile = [
  'a\0b',
  '\0',
  'a\ud800b',
  '\udc00a',
  'a\u0007\u001b[2Jb',
  '日本',
  'x\r\nset-cookie: a=b',
  '\u202e\u2028',
  '__proto__',
];
const numbers = [-1, 2 ** 31, 2 ** 53, 1.5, 1e308];

type Known = Record<string, unknown>;

/** Returns an input that the schema accepts, as far as JSON Schema can express it; `known` has values by field name. */
function createExample(schema: Schema, known: Known, name = ''): unknown {
  if (name in known) return known[name];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const [first] = schema.anyOf ?? schema.oneOf ?? schema.allOf ?? [];
  if (first) return createExample(first, known, name);
  if (schema.type === 'object')
    return Object.fromEntries(
      Object.entries(schema.properties ?? {}).map(([key, part]) => [key, createExample(part, known, key)]),
    );
  if (schema.type === 'array') return schema.items ? [createExample(schema.items, known, name)] : [];
  if (schema.type === 'integer' || schema.type === 'number') return Math.max(1, schema.minimum ?? 1);
  if (schema.type === 'boolean') return true;
  if (schema.type === 'null') return null;
  if (schema.format === 'uuid') return randomUUID();
  if (schema.format === 'uri') return 'https://example.com/';
  return 'x'.repeat(Math.max(10, schema.minLength ?? 0));
}

/** Yields copies of the example, each with one hostile value. */
function* spoil(schema: Schema, example: unknown): Generator<unknown> {
  for (const branch of schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []) yield* spoil(branch, example);
  if (schema.type === 'string') yield* hostile;
  if (schema.type === 'integer' || schema.type === 'number') yield* numbers;
  if (schema.type === 'array' && Array.isArray(example))
    for (const one of spoil(schema.items ?? {}, example[0])) yield [one];
  if (schema.type === 'object') {
    const fields = Object(example) as Known;
    for (const [key, part] of Object.entries(schema.properties ?? {}))
      for (const value of spoil(part, fields[key])) yield { ...fields, [key]: value };
  }
}

/** Procedures that end the caller's login or remove what the others need. */
const excluded = ['auth.signOut', 'tenant.leave', 'instance.remove', 'session.remove', 'device.revokeOthers'];

test('no procedure returns an internal error for hostile strings and numbers in any field', async () => {
  const lines: string[] = [];
  const log = createLog('error', { write: (line) => lines.push(line) });
  await using world = await createFixture({ log, tasksPerMinute: 1_000_000, limits: { callsPerMinute: 1_000_000 } });
  const { app, instance } = world;
  const { sessionId, taskId } = await world.send();
  const user = await app.newUser({ password: 'correct horse battery' });
  await app.tenant.agentInstance.update({ where: { id: instance.id }, data: { ownerId: user.id } });
  const known: Known = {
    instanceId: instance.id,
    sessionId,
    taskId,
    email: 'x@example.com',
    provider: 'openai-compatible',
  };

  async function callProcedure(path: string, input: unknown) {
    const { type } = procedures[path]!._def;
    const json = JSON.stringify(input);
    const isQuery = type === 'query';
    const response = await fetch(`${app.url}/trpc/${path}${isQuery ? `?input=${encodeURIComponent(json)}` : ''}`, {
      method: isQuery ? 'GET' : 'POST',
      headers: { ...toAuthHeaders({ cookie: user.cookie }), 'content-type': 'application/json' },
      body: isQuery ? undefined : json,
    });
    await response.arrayBuffer();
    return response.status;
  }

  const failed: unknown[] = [];
  let tried = 0;
  for (const path of Object.keys(procedures).filter((path) => !excluded.includes(path))) {
    const schema = getInputSchema(path);
    if (!schema || procedures[path]!._def.type === 'subscription') continue;
    for (const input of spoil(schema, createExample(schema, known))) {
      tried++;
      const status = await callProcedure(path, input);
      if (status >= 500) failed.push([path, status, input]);
    }
  }
  expect(failed).toEqual([]);
  expect(lines).toEqual([]);
  expect(tried).toBeGreaterThan(500);
});
