import { appRouter } from '@it0/api/router';
import { type Credentials, toAuthHeaders } from '@it0/tests/support/app';
import { follow } from '@it0/tests/support/follow';
import { followApprovals } from '@it0/tests/support/follow-approvals';
import { until } from '@it0/tests/support/until';
import { expect, test } from 'vitest';
import { askers, type Cast, createActors } from './actors.ts';
import { ghostOf, type Outcome, type Row, table } from './table.ts';

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;

test('every procedure has a row in the table, and every row a procedure', () => {
  expect(Object.keys(table).sort()).toEqual(Object.keys(procedures).sort());
});

for (const [path, row] of Object.entries(table)) {
  test(`${path} is for whom it is for`, async () => {
    await using actors = await createActors();
    const outcomes: Record<string, Outcome> = {};
    // All of them first: what one of them does may end what the next one would be let in by.
    const entered = await Promise.all(askers.map((asker) => actors.enter(asker)));
    for (const [index, asker] of askers.entries()) {
      const input = await row.input?.(actors.made);
      const answer = await ask(actors, path, entered[index]!, input);
      outcomes[asker] = answer.outcome;
      if (answer.outcome === 'ok') continue;
      expect(JSON.stringify(answer)).not.toContain('marker');
      if (!input || !isMissing(row, answer.outcome)) continue;
      // What is somebody else's and what is not there are the same answer, to the letter.
      const ghost = await ask(actors, path, entered[index]!, ghostOf(input));
      expect([asker, ghost]).toEqual([asker, answer]);
    }
    expect(outcomes).toEqual(Object.fromEntries(askers.map((asker) => [asker, row.gets(asker)])));
  });
}

const isMissing = ({ gets }: Row, outcome: Outcome) =>
  /NOT_FOUND$|^INVITATION_INVALID$/.test(outcome) && gets('owner elsewhere') === outcome;

type Answer = { outcome: Outcome; status?: number; body?: unknown };

async function ask(actors: Cast, path: string, who: Credentials, input: object | undefined): Promise<Answer> {
  const { type } = procedures[path]!._def;
  if (path === 'instance.onStatus') return see(actors, who);
  if (path === 'approval.onChange') return listenForApprovals(actors, who);
  if (type === 'subscription') return listen(actors, who, input as { sessionId: string });
  const { url } = actors.app;
  const json = JSON.stringify(input);
  const query = type === 'query' && json ? `?input=${encodeURIComponent(json)}` : '';
  const response = await fetch(`${url}/trpc/${path}${query}`, {
    method: type === 'query' ? 'GET' : 'POST',
    headers: { ...toAuthHeaders(who), 'content-type': 'application/json' },
    body: type === 'query' ? undefined : (json ?? '{}'),
  });
  const body = (await response.json()) as { error?: { data: { reason: Outcome } } };
  return { outcome: body.error?.data.reason ?? 'ok', status: response.status, body: body.error };
}

async function listen({ app }: Cast, who: Credentials, input: { sessionId: string }): Promise<Answer> {
  using events = follow(app.client(who), input.sessionId, '0');
  await until(() => events.errors.length + events.events().length > 0);
  const [error] = events.errors as { shape: { data: { reason: Outcome } } }[];
  return error ? { outcome: error.shape.data.reason, body: error.shape } : { outcome: 'ok' };
}

async function see({ app }: Cast, who: Credentials): Promise<Answer> {
  const seen = Promise.withResolvers<Answer>();
  const { unsubscribe } = app.client(who).instance.onStatus.subscribe(undefined, {
    onData: () => seen.resolve({ outcome: 'ok' }),
    onError: ({ shape }) => seen.resolve({ outcome: shape?.data.reason as Outcome, body: shape }),
  });
  return seen.promise.finally(unsubscribe);
}

async function listenForApprovals({ app }: Cast, who: Credentials): Promise<Answer> {
  using changes = followApprovals(app.client(who));
  await until(() => changes.errors.length + changes.all.length > 0);
  const [error] = changes.errors as { shape: { data: { reason: Outcome } } }[];
  return error ? { outcome: error.shape.data.reason, body: error.shape } : { outcome: 'ok' };
}
