import { appRouter } from '@it0/api/router';
import { type Credentials, toAuthHeaders } from '@it0/tests/support/app';
import type { TestDatabase } from '@it0/tests/support/database';
import fc from 'fast-check';
import { type Actors, createActors, startTwoTenants } from '../authorisation/actors.ts';
import { table } from '../authorisation/table.ts';
import type { Outcome } from './outcome.ts';

const kind = 'ids of another tenant';

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;
/** The procedures that must answer NOT_FOUND to an owner of another tenant. */
const paths = Object.keys(table).filter(
  (path) =>
    table[path]!.input &&
    /NOT_FOUND$/.test(table[path]!.gets('owner elsewhere')) &&
    procedures[path]!._def.type !== 'subscription',
);

/** Spellings of an id. */
const spellings: Record<string, (id: string) => unknown> = {
  'as it is': (id) => id,
  'in capitals': (id) => id.toUpperCase(),
  'with a space': (id) => ` ${id}`,
  'with a new line': (id) => `${id}\n`,
  'in braces': (id) => `{${id}}`,
  'as a name': (id) => `urn:uuid:${id}`,
  'without dashes': (id) => id.replaceAll('-', ''),
  'with a zero-width space': (id) => `${id}\u200b`,
  'with NUL': (id) => `${id}\0`,
  'as a path': (id) => `../${id}`,
  'as a list': (id) => [id],
  'as an object': (id) => ({ equals: id }),
  'as a condition': (id) => ({ contains: id.slice(0, 8) }),
  'as SQL': (id) => `${id}' OR '1'='1`,
};

const Attack = fc.record({ path: fc.constantFrom(...paths), spelling: fc.constantFrom(...Object.keys(spellings)) });

/** Calls procedures as an owner of another tenant, `count` times, with ids of the first tenant. */
export async function attackTenants(seed: number, count: number, database?: TestDatabase): Promise<Outcome[]> {
  await using tenants = await startTwoTenants({ database });
  const actors = await createActors(tenants);
  const stranger = await actors.enter('owner elsewhere');
  const outcomes: Outcome[] = [];
  for (const { path, spelling } of fc.sample(Attack, { seed, numRuns: count })) {
    const original = (await table[path]!.input!(actors.inputs)) as Record<string, unknown>;
    const input = Object.fromEntries(
      Object.entries(original).map(([name, value]) => [name, isId(value) ? spellings[spelling]!(value) : value]),
    );
    const result = await ask(actors, stranger, path, input);
    const crossed = result.status < 400 || result.body.includes('marker') ? [`${path} answered ${result.body}`] : [];
    outcomes.push({ kind, name: `${path}, ${spelling}`, ran: [], shownOtherwise: [], crossed, unverified: [] });
  }
  return outcomes;
}

const isId = (value: unknown): value is string =>
  typeof value === 'string' && /^[0-9a-f]{8}-[0-9a-f-]{27}$/.test(value);

async function ask({ app }: Actors, credentials: Credentials, path: string, input: object) {
  const isQuery = procedures[path]!._def.type === 'query';
  const json = JSON.stringify(input);
  const response = await fetch(`${app.url}/trpc/${path}${isQuery ? `?input=${encodeURIComponent(json)}` : ''}`, {
    method: isQuery ? 'GET' : 'POST',
    headers: { ...toAuthHeaders(credentials), 'content-type': 'application/json' },
    body: isQuery ? undefined : json,
  });
  return { status: response.status, body: await response.text() };
}
