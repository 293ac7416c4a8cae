import { appRouter } from '@it0/api/router';
import { type Credentials, toAuthHeaders } from '@it0/tests/support/app';
import { follow } from '@it0/tests/support/follow';
import { followApprovals } from '@it0/tests/support/follow-approvals';
import { until } from '@it0/tests/support/until';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Actors, callers, createActors, startTwoTenants, type TwoTenants } from './actors.ts';
import { type Outcome, type Row, replaceIds, table } from './table.ts';

let tenants: TwoTenants;
beforeAll(async () => {
  tenants = await startTwoTenants();
});
afterAll(() => tenants?.[Symbol.asyncDispose]());

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;

test('every procedure has a row in the table, and every row a procedure', () => {
  expect(Object.keys(table).sort()).toEqual(Object.keys(procedures).sort());
});

for (const [path, row] of Object.entries(table)) {
  test(`${path} answers each caller as its row says`, async () => {
    const actors = await createActors(tenants);
    const outcomes: Record<string, Outcome> = {};
    // All sign in first, since a call may end the login of a later one.
    const credentials = await Promise.all(callers.map((caller) => actors.enter(caller)));
    for (const [index, caller] of callers.entries()) {
      const input = await row.input?.(actors.inputs);
      const result = await ask(actors, path, credentials[index]!, input);
      outcomes[caller] = result.outcome;
      if (result.outcome === 'ok') continue;
      expect(JSON.stringify(result)).not.toContain('marker');
      if (!input || !isMissing(row, result.outcome)) continue;
      // A missing object and one of another person get exactly the same response.
      const missing = await ask(actors, path, credentials[index]!, replaceIds(input));
      expect([caller, missing]).toEqual([caller, result]);
    }
    expect(outcomes).toEqual(Object.fromEntries(callers.map((caller) => [caller, row.gets(caller)])));
  });
}

const isMissing = ({ gets }: Row, outcome: Outcome) =>
  /NOT_FOUND$|^INVITATION_INVALID$/.test(outcome) && gets('owner elsewhere') === outcome;

type Result = { outcome: Outcome; status?: number; body?: unknown };

async function ask(actors: Actors, path: string, credentials: Credentials, input: object | undefined): Promise<Result> {
  const { type } = procedures[path]!._def;
  if (path === 'instance.onStatus') return watchStatus(actors, credentials);
  if (path === 'approval.onChange') return listenForApprovals(actors, credentials);
  if (path === 'draft.onChange') return watchDraft(actors, credentials, input as { sessionId: string });
  if (type === 'subscription') return listen(actors, credentials, input as { sessionId: string });
  const { url } = actors.app;
  const json = JSON.stringify(input);
  const query = type === 'query' && json ? `?input=${encodeURIComponent(json)}` : '';
  const response = await fetch(`${url}/trpc/${path}${query}`, {
    method: type === 'query' ? 'GET' : 'POST',
    headers: { ...toAuthHeaders(credentials), 'content-type': 'application/json' },
    body: type === 'query' ? undefined : (json ?? '{}'),
  });
  const body = (await response.json()) as { error?: { data: { reason: Outcome } } };
  return { outcome: body.error?.data.reason ?? 'ok', status: response.status, body: body.error };
}

async function listen({ app }: Actors, credentials: Credentials, input: { sessionId: string }): Promise<Result> {
  using events = follow(app.client(credentials), input.sessionId, '0');
  await until(() => events.errors.length + events.events().length > 0);
  const [error] = events.errors as { shape: { data: { reason: Outcome } } }[];
  return error ? { outcome: error.shape.data.reason, body: error.shape } : { outcome: 'ok' };
}

async function watchStatus({ app }: Actors, credentials: Credentials): Promise<Result> {
  const first = Promise.withResolvers<Result>();
  const { unsubscribe } = app.client(credentials).instance.onStatus.subscribe(undefined, {
    onData: () => first.resolve({ outcome: 'ok' }),
    onError: ({ shape }) => first.resolve({ outcome: shape?.data.reason as Outcome, body: shape }),
  });
  return first.promise.finally(unsubscribe);
}

async function watchDraft({ app }: Actors, credentials: Credentials, input: { sessionId: string }): Promise<Result> {
  const first = Promise.withResolvers<Result>();
  const { unsubscribe } = app.client(credentials).draft.onChange.subscribe(input, {
    onData: () => first.resolve({ outcome: 'ok' }),
    onError: ({ shape }) => first.resolve({ outcome: shape?.data.reason as Outcome, body: shape }),
  });
  return first.promise.finally(unsubscribe);
}

async function listenForApprovals({ app }: Actors, credentials: Credentials): Promise<Result> {
  using changes = followApprovals(app.client(credentials));
  await until(() => changes.errors.length + changes.all.length > 0);
  const [error] = changes.errors as { shape: { data: { reason: Outcome } } }[];
  return error ? { outcome: error.shape.data.reason, body: error.shape } : { outcome: 'ok' };
}
