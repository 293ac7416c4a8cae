import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { KeyScope } from '@it0/contracts/permissions';
import type { AnyTRPCRouter } from '@trpc/server';
import { expect, test } from 'vitest';
import type { Person } from '../caller.ts';
import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import { appRouter } from '../router.ts';
import type { RestMeta } from './rest.ts';

type Procedure = { _def: { type: string; meta?: RestMeta } };
const procedures = Object.entries<Procedure>((appRouter as AnyTRPCRouter)._def.procedures);

const SOURCES = join(import.meta.dirname, '..');

test('every description in a .rest.ts file is the one of the procedure with its name', async () => {
  const described: [string, RestMeta][] = [];
  for (const file of globSync('**/*.rest.ts', { cwd: SOURCES })) {
    const { docs } = (await import(join(SOURCES, file))) as { docs: Record<string, RestMeta> };
    const router = basename(file, '.rest.ts');
    described.push(...Object.entries(docs).map(([name, meta]): [string, RestMeta] => [`${router}.${name}`, meta]));
  }
  const byName = new Map(procedures.map(([name, { _def }]) => [name, _def.meta]));
  for (const [name, meta] of described) expect([name, byName.get(name)]).toEqual([name, meta]);
  const withMeta = procedures.filter(([, { _def }]) => _def.meta).map(([name]) => name);
  expect(described.map(([name]) => name).sort()).toEqual(withMeta.sort());
});

test('REST has exactly the queries and mutations that an API key can call and that need credentials', async () => {
  const byKey = procedures.map(async ([name, { _def }]) => {
    if (_def.type === 'subscription') return [];
    const isPublic = (await getOutcome(name, null)) !== 'NOT_SIGNED_IN';
    return isPublic || (await getOutcome(name, apiKeyHolder)) === 'FORBIDDEN' ? [] : [name];
  });
  const withRest = procedures.filter(([, { _def }]) => _def.meta?.openapi).map(([name]) => name);
  expect(withRest.sort()).toEqual((await Promise.all(byKey)).flat().sort());
});

const apiKeyHolder: Person = {
  ...{ id: '1', name: 'Ada', email: 'ada@example.com', login: null, credential: '', access: '' },
  user: {
    id: '1',
    name: 'Ada',
    tenantId: '2',
    tenantName: 'Acme',
    role: 'owner',
    permissions: new Set(KeyScope.options),
  },
};

/** Calls a procedure without input and without services, to see whether its authorization lets the person pass. */
async function getOutcome(procedure: string, person: Person | null): Promise<string> {
  const services = { refusedTenants: new Set() } as unknown as Context['services'];
  const caller = appRouter.createCaller({ services, person, caller: null });
  const call = procedure.split('.').reduce((node: unknown, name) => (node as Record<string, unknown>)[name], caller);
  return (call as () => Promise<unknown>)().then(
    () => 'passed',
    (error: unknown) => (error instanceof AppError ? error.reason : 'passed'),
  );
}
