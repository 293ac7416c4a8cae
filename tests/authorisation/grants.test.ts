import { appRouter } from '@it0/api/router';
import { refusalOf } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';
import { ends, type GrantScene, grantedBy, grantScene, kinds } from './grants.ts';

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;

test('grantedBy lists every mutation, and each of its grants has a scenario', () => {
  const mutations = Object.keys(procedures).filter((path) => procedures[path]!._def.type === 'mutation');
  expect(Object.keys(grantedBy).sort()).toEqual(mutations.sort());
  for (const kind of Object.values(grantedBy)) if (kind) expect(Object.keys(kinds)).toContain(kind);
});

test('an invitation of an owner is refused after its maker was made an administrator', async () => {
  for (const change of ['by the page', 'in the database']) {
    await using scene = await grantScene();
    const { app, owner } = scene;
    const maker = await app.newUser();
    const invited = { email: 'eve@example.com', role: 'owner' as const };
    const { id } = await app.client({ bearer: maker.bearer }).invitation.create.mutate(invited);
    if (change === 'by the page') await app.client(owner).member.setRole.mutate({ userId: maker.id, role: 'admin' });
    else await app.database.platform.member.updateMany({ where: { userId: maker.id }, data: { role: 'admin' } });
    const joining = app.client().invitation.join.mutate({ id, name: 'Eve', password: 'correct horse battery' });
    expect([change, (await refusalOf(joining)).data.reason]).toEqual([change, 'INVITATION_INVALID']);
  }
});

/** Creates one grant of each kind, runs `end`, and returns the outcome of using each grant. */
async function useAll(end: (scene: GrantScene) => unknown = () => {}) {
  await using scene = await grantScene();
  const uses: [string, () => Promise<string>][] = [];
  for (const [name, { grant }] of Object.entries(kinds)) uses.push([name, await grant(scene.app, scene.granter)]);
  await end(scene);
  const outcomes: Record<string, string> = {};
  for (const [name, use] of uses) outcomes[name] = await use();
  return outcomes;
}
const all = (outcome: unknown) => Object.fromEntries(Object.keys(kinds).map((name) => [name, outcome]));

test('every grant works while its maker has the right', async () => {
  expect(await useAll()).toEqual(all('used'));
});

for (const [how, { end, comesBack }] of Object.entries(ends)) {
  test(`everything that is granted is refused when its maker was ${how}`, async () => {
    const refusal = expect.stringMatching(/_INVALID$|^FORBIDDEN$|^NOT_SIGNED_IN$/);
    const bound = Object.entries(kinds).filter(([, kind]) => comesBack && 'isBoundToPerson' in kind);
    const again = Object.fromEntries(bound.map(([name]) => [name, 'used']));
    expect(await useAll(end)).toEqual({ ...all(refusal), ...again });
  });
}
