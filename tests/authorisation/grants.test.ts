import { appRouter } from '@it0/api/router';
import { getReason } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';
import { createGrantWorld, type End, ends, type GrantWorld, grantedBy, type Kind, kinds } from './grants.ts';

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;

test('grantedBy lists every mutation, and each of its grants has a scenario', () => {
  const mutations = Object.keys(procedures).filter((path) => procedures[path]!._def.type === 'mutation');
  expect(Object.keys(grantedBy).sort()).toEqual(mutations.sort());
  for (const kind of Object.values(grantedBy)) if (kind) expect(Object.keys(kinds)).toContain(kind);
});

test('a grant that only an owner can make is refused after its maker became an administrator', async () => {
  for (const change of ['by the page', 'in the database']) {
    await using world = await createGrantWorld();
    const { app, bridge, granter, owner } = world;
    const uses = {
      decision: await kinds.decision.grant(app, granter, bridge),
      rule: await kinds['rule for commands outside the sandbox'].grant(app, granter, bridge),
      ordinaryRule: await kinds['rule for commands'].grant(app, granter, bridge),
    };
    const invited = { email: 'eve@example.com', role: 'owner' as const };
    const { id } = await app.client(granter).invitation.create.mutate(invited);
    if (change === 'by the page') await app.client(owner).member.setRole.mutate({ userId: granter.id, role: 'admin' });
    else await app.database.platform.member.updateMany({ where: { userId: granter.id }, data: { role: 'admin' } });
    const joining = app.client().invitation.join.mutate({ id, name: 'Eve', password: 'correct horse battery' });
    expect([change, await getReason(joining)]).toEqual([change, 'INVITATION_INVALID']);
    expect([change, await uses.decision(), await uses.rule()]).toEqual([change, 'FORBIDDEN', 'FORBIDDEN']);
    expect([change, await uses.ordinaryRule()]).toEqual([change, 'used']);
  }
});

/** Creates one grant of each kind, runs `end`, and returns the outcome of using each grant. */
async function useAll(end: (world: GrantWorld) => unknown = () => {}) {
  await using world = await createGrantWorld();
  const uses: [string, () => Promise<string>][] = [];
  for (const [name, { grant }] of Object.entries(kinds))
    uses.push([name, await grant(world.app, world.granter, world.bridge)]);
  await end(world);
  const outcomes: Record<string, string> = {};
  for (const [name, use] of uses) outcomes[name] = await use();
  return outcomes;
}
const all = (outcome: unknown) => Object.fromEntries(Object.keys(kinds).map((name) => [name, outcome]));

test('every grant works while its maker has the right to make it', async () => {
  expect(await useAll()).toEqual(all('used'));
});

/** Returns whether a grant remains valid after the end of its maker's right. */
const remains = (kind: Kind, { isRestored, passesInstances }: End) =>
  Boolean(
    (isRestored && (kind.isBoundToPerson || kind.isBoundToInstance)) || (passesInstances && kind.isBoundToInstance),
  );

for (const [how, way] of Object.entries(ends)) {
  test(`every grant is refused when its maker was ${how}`, async () => {
    const refusal = expect.stringMatching(/_INVALID$|^FORBIDDEN$|^NOT_SIGNED_IN$|^TASK_ENDED$/);
    const bound = Object.entries<Kind>(kinds).filter(([, kind]) => remains(kind, way));
    const remaining = Object.fromEntries(bound.map(([name]) => [name, 'used']));
    expect(await useAll(way.end)).toEqual({ ...all(refusal), ...remaining });
  });
}
