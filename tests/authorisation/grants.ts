import { randomUUID } from 'node:crypto';
import { removeTenant } from '@it0/db/tenant-removal';
import { type TestApp, type TestUser, testApp } from '@it0/tests/support/app';
import { refusalOf } from '@it0/tests/support/refusal';
import { enrollAt } from '@it0/tests/support/remote-bridge';

const password = 'correct horse battery';
const refused = async (call: Promise<unknown>) =>
  call.then(
    () => 'used',
    async () => (await refusalOf(call)).data.reason,
  );

/** Sets up a tenant with an administrator, who makes the grants, and an owner. */
export async function grantScene() {
  const app = await testApp({ bridgePackage: { version: '1', path: '/bridge/1.tgz', file: '/nowhere' } });
  const granter = await app.newUser({ role: 'admin', name: 'Granter' });
  return { app, granter, owner: await app.newUser(), [Symbol.asyncDispose]: () => app[Symbol.asyncDispose]() };
}
export type GrantScene = Awaited<ReturnType<typeof grantScene>>;

/** Function that uses a grant. Returns `used` or the reason of the refusal. */
type Grant = () => Promise<string>;
type Kind = {
  grant(app: TestApp, granter: TestUser): Promise<Grant>;
  /** The grant has the current rights of its maker, so it works again when they are restored. */
  isBoundToPerson?: true;
};

/** All kinds of grants: what a member can create by a right of theirs, for another caller to use later. */
export const kinds = {
  invitation: {
    async grant(app, granter) {
      const email = `${randomUUID()}@example.com`;
      const { id } = await app.client(granter).invitation.create.mutate({ email, role: 'viewer' });
      return () => refused(app.client().invitation.join.mutate({ id, name: 'Eve', password, by: 'bearer' }));
    },
  },
  'accepted invitation': {
    async grant(app, granter) {
      const elsewhere = await app.database.createTenant({ name: 'Elsewhere' });
      const invited = await app.newUser({ inTenant: elsewhere });
      const { id } = await app.client(granter).invitation.create.mutate({ email: invited.email, role: 'viewer' });
      return () => refused(app.client({ bearer: invited.bearer }).invitation.accept.mutate({ id }));
    },
  },
  resetLink: {
    async grant(app, granter) {
      const { id: userId } = await app.newUser({ role: 'operator', password });
      const { token } = await app.client(granter).member.resetLink.mutate({ userId });
      return () => refused(app.client().auth.resetPassword.mutate({ token, password }));
    },
  },
  enrollmentCode: {
    async grant(app, granter) {
      const { id: instanceId } = await app.newInstance(granter);
      await app.tenant.agentInstance.update({ where: { id: instanceId }, data: { driver: 'remote' } });
      const { code } = await app.client(granter).instance.enroll.mutate({ instanceId });
      return async () => {
        const { body } = await enrollAt(app.url, code);
        return 'reason' in body ? body.reason : 'used';
      };
    },
  },
  apiKey: {
    isBoundToPerson: true,
    async grant(app, granter) {
      const key = { name: 'k', scopes: ['instance:manage' as const], days: null };
      const { key: apiKey } = await app.client(granter).apiKey.create.mutate(key);
      return () =>
        refused(
          app.client({ apiKey }).instance.create.mutate({ requestId: randomUUID(), name: 'x', driver: 'remote' }),
        );
    },
  },
} satisfies Record<string, Kind>;
export type KindName = keyof typeof kinds;

/** The kind of grant that each mutation creates; null for none. */
export const grantedBy: Record<string, KindName | null> = {
  'auth.signIn': null,
  'auth.verifyCode': null,
  'auth.redeemSignInLink': null,
  'auth.signOut': null,
  // It is sent to the person's own address.
  'auth.requestReset': null,
  'auth.resetPassword': null,
  'account.rename': null,
  'account.setEmail': null,
  'account.setPassword': null,
  'account.changePassword': null,
  'device.revoke': null,
  'device.revokeOthers': null,
  'secondFactor.begin': null,
  'secondFactor.confirm': null,
  'secondFactor.remove': null,
  'tenant.create': null,
  'tenant.rename': null,
  'tenant.switch': null,
  'tenant.leave': null,
  'member.setRole': null,
  'member.remove': null,
  'member.resetLink': 'resetLink',
  'invitation.create': 'invitation',
  'invitation.cancel': null,
  'invitation.join': null,
  'invitation.accept': null,
  'apiKey.create': 'apiKey',
  'apiKey.remove': null,
  'instance.create': null,
  'instance.enroll': 'enrollmentCode',
  'instance.rename': null,
  'instance.start': null,
  'instance.stop': null,
  'instance.restart': null,
  'instance.remove': null,
  'instance.setModel': null,
  'instance.setSharedFolder': null,
  'instance.testModel': null,
  'instance.createTask': null,
  // A share belongs to the instance. Its next owner sees it and can end it.
  'instance.share': null,
  'instance.unshare': null,
  'assistant.createTask': null,
  'task.cancel': null,
  'approval.resolve': null,
  // Rules also belong to the instance.
  'approval.setRules': null,
};

type End = { end(scene: GrantScene): Promise<unknown>; comesBack?: true };

const rejoin = async ({ app, granter, owner }: GrantScene) => {
  const { id } = await app.client(owner).invitation.create.mutate({ email: granter.email, role: 'admin' });
  await app.client({ bearer: granter.bearer }).invitation.accept.mutate({ id });
};
const setRole = ({ app, owner, granter }: GrantScene, role: 'admin' | 'operator' | 'viewer') =>
  app.client(owner).member.setRole.mutate({ userId: granter.id, role });
const remove = ({ app, owner, granter }: GrantScene) => app.client(owner).member.remove.mutate({ userId: granter.id });

/** All ways in which a member loses a right. */
export const ends: Record<string, End> = {
  removed: { end: remove },
  'removed and invited again': {
    async end(scene) {
      await remove(scene);
      await rejoin(scene);
    },
  },
  left: { end: ({ app, granter }) => app.client(granter).tenant.leave.mutate() },
  'made an operator': { end: (scene) => setRole(scene, 'operator') },
  'made a viewer': { end: (scene) => setRole(scene, 'viewer') },
  'made an operator and an administrator again': {
    comesBack: true,
    async end(scene) {
      await setRole(scene, 'operator');
      await setRole(scene, 'admin');
    },
  },
  banned: {
    end: ({ app, granter }) => app.database.platform.user.update({ where: { id: granter.id }, data: { banned: true } }),
  },
  // Changed without our code, so that only the check at use can refuse the grant.
  'made a viewer in the database': {
    end: ({ app, granter }) =>
      app.database.platform.member.updateMany({ where: { userId: granter.id }, data: { role: 'viewer' } }),
  },
  'removed in the database': {
    end: ({ app, granter }) => app.database.platform.member.deleteMany({ where: { userId: granter.id } }),
  },
  'of a tenant that was removed': { end: ({ app }) => removeTenant(app.database.pool, app.tenantId, app.dataDir) },
};
