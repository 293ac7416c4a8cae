import { appRouter } from '@it0/api/router';
import { refusalOf } from '@it0/tests/support/refusal';
import { expect, test } from 'vitest';
import { ends, grantedBy, grantScene, kinds } from './grants.ts';

const procedures = appRouter._def.procedures as unknown as Record<string, { _def: { type: string } }>;

test('every mutation says what it hands out, and everything that is handed out is tried here', () => {
  const mutations = Object.keys(procedures).filter((path) => procedures[path]!._def.type === 'mutation');
  expect(Object.keys(grantedBy).sort()).toEqual(mutations.sort());
  for (const kind of Object.values(grantedBy)) if (kind) expect(Object.keys(kinds)).toContain(kind);
});

test('an invitation of an owner is refused when its maker is an administrator by now', async () => {
  for (const change of ['by the page', 'in the database']) {
    await using scene = await grantScene();
    const { app, owner } = scene;
    const maker = await app.newUser();
    const invited = { email: 'eve@example.com', role: 'owner' as const };
    const { id } = await app.client({ bearer: maker.bearer }).invitation.create.mutate(invited);
    if (change === 'by the page') await app.client(owner).member.setRole.mutate({ userId: maker.id, role: 'admin' });
    else await app.database.platform.member.updateMany({ where: { userId: maker.id }, data: { role: 'admin' } });
    const joins = app.client().invitation.join.mutate({ id, name: 'Eve', password: 'correct horse battery' });
    expect([change, (await refusalOf(joins)).data.reason]).toEqual([change, 'INVITATION_INVALID']);
  }
});

for (const [name, kind] of Object.entries(kinds)) {
  test(`${name} is good as long as its maker has the right`, async () => {
    await using scene = await grantScene();
    const use = await kind.grant(scene.app, scene.granter);
    expect(await use()).toBe('used');
  });

  for (const [how, { end, comesBack }] of Object.entries(ends)) {
    const isBack = comesBack && 'isBoundToPerson' in kind;
    test(`${name} is ${isBack ? 'good again' : 'refused'} when its maker was ${how}`, async () => {
      await using scene = await grantScene();
      const use = await kind.grant(scene.app, scene.granter);
      await end(scene);
      const outcome = await use();
      if (isBack) expect(outcome).toBe('used');
      else expect(outcome).toMatch(/_INVALID$|^FORBIDDEN$|^NOT_SIGNED_IN$/);
    });
  }
}
