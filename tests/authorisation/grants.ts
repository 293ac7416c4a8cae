import { randomUUID } from 'node:crypto';
import { startApproved } from '@it0/api/agent/approval/start-approved';
import { toDecisionInput } from '@it0/client/chat-source';
import type { ApprovalKind } from '@it0/contracts/chat-event';
import { removeTenant } from '@it0/db/tenant-removal';
import { type TestApp, type TestUser, testApp } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import { type FakeBridge, fakeBridge } from '@it0/tests/support/fake-bridge';
import { getOutcome } from '@it0/tests/support/refusal';
import { enrollAt } from '@it0/tests/support/remote-bridge';
import { setRules } from '@it0/tests/support/set-rules';
import { expect } from 'vitest';

const password = 'correct horse battery';
const tryUse = (call: Promise<unknown>) => getOutcome(call, 'used');

/** Sets up a tenant with two owners, one of whom makes the grants, and a bridge. */
export async function createGrantWorld() {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(fakeBridge());
  const app = stack.use(await testApp({ bridgePackage: { version: '1', path: '/bridge/1.tgz', file: '/nowhere' } }));
  const granter = await app.newUser({ name: 'Granter' });
  return { app, bridge, granter, owner: await app.newUser(), [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
export type GrantWorld = Awaited<ReturnType<typeof createGrantWorld>>;

/** Function that uses a grant. Returns `used` or the reason of the refusal. */
type Grant = () => Promise<string>;
export type Kind = {
  grant(app: TestApp, granter: TestUser, bridge: FakeBridge): Promise<Grant>;
  /** The grant has the current rights of its maker, so it works again when they are restored. */
  isBoundToPerson?: true;
  /** The grant belongs to an instance, and remains valid for its next owner. */
  isBoundToInstance?: true;
};

/** Lets an operator request an approval on an instance of the granter. */
async function requestAs(
  app: TestApp,
  granter: TestUser,
  { bridge, kind }: { bridge: FakeBridge; kind: ApprovalKind },
) {
  const { id: instanceId } = await app.newInstance(granter, { bridgeUrl: bridge.url });
  await app.client(granter).instance.share.mutate({ instanceId, with: { role: 'operator' } });
  const operator = await app.newUser({ role: 'operator' });
  const message = randomUUID();
  await app.client(operator).instance.createTask.mutate({ instanceId, message, requestId: randomUUID() });
  const task = await bridge.task(message);
  const command = { approvalId: randomUUID(), command: `systemctl restart ${randomUUID()}`, cwd: '/' };
  const approvalRequest = approvalReport({ kind, ...command });
  const report = () => bridge.report(task, { type: 'task', status: 'RUNNING' }, approvalRequest);
  return { instanceId, command, approvalRequest, report };
}

/** Plans a rule that allows commands of one kind. It is used by a request for such a command. */
const planRule = (kind: ApprovalKind, driver: 'local' | 'remote') =>
  async function grant(app: TestApp, granter: TestUser, bridge: FakeBridge): Promise<Grant> {
    const { instanceId, command, approvalRequest, report } = await requestAs(app, granter, { bridge, kind });
    await app.tenant.agentInstance.update({ where: { id: instanceId }, data: { driver } });
    await setRules(app.client(granter), instanceId, [{ kind, pattern: command.command, action: 'allow' }]);
    return async () => {
      const { reason, decisions } = await (await report()).json();
      if (decisions) expect(decisions).toEqual([{ approvalId: approvalRequest.approvalId, decision: 'allow-once' }]);
      return reason ?? (decisions ? 'used' : 'FORBIDDEN');
    };
  };

/** All kinds of grants: what a member can create with a right, for another caller to use later. */
export const kinds = {
  // First, since nothing runs outside the sandbox once there is a second tenant.
  decision: {
    async grant(app, granter, bridge) {
      const request = await requestAs(app, granter, { bridge, kind: 'exec-unsandboxed' });
      await request.report();
      await app.client(granter).approval.resolve.mutate(toDecisionInput(request.approvalRequest, 'allow-once'));
      const scope = { tenantId: app.tenantId, instanceId: request.instanceId };
      return async () => {
        if (!(await app.database.tenants()).some(({ id }) => id === app.tenantId)) return 'FORBIDDEN';
        return (await startApproved(app.database, scope, request.command)) === null ? 'used' : 'FORBIDDEN';
      };
    },
  },
  'rule for commands outside the sandbox': { grant: planRule('exec-unsandboxed', 'local') },
  'rule for commands outside the sandbox of another machine': { grant: planRule('exec-unsandboxed', 'remote') },
  'rule for commands': { isBoundToInstance: true, grant: planRule('exec', 'local') },
  invitation: {
    async grant(app, granter) {
      const email = `${randomUUID()}@example.com`;
      const { id } = await app.client(granter).invitation.create.mutate({ email, role: 'viewer' });
      return () => tryUse(app.client().invitation.join.mutate({ id, name: 'Eve', password, by: 'bearer' }));
    },
  },
  'accepted invitation': {
    async grant(app, granter) {
      const email = `${randomUUID()}@example.com`;
      const { id } = await app.client(granter).invitation.create.mutate({ email, role: 'viewer' });
      return async () => {
        const inTenant = await app.database.createTenant({ name: 'Elsewhere' });
        const { bearer } = await app.newUser({ inTenant, email });
        return tryUse(app.client({ bearer }).invitation.accept.mutate({ id }));
      };
    },
  },
  resetLink: {
    async grant(app, granter) {
      const { id: userId } = await app.newUser({ role: 'operator', password });
      const { token } = await app.client(granter).member.resetLink.mutate({ userId });
      return () => tryUse(app.client().auth.resetPassword.mutate({ token, password }));
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
        tryUse(app.client({ apiKey }).instance.create.mutate({ requestId: randomUUID(), name: 'x', driver: 'remote' }));
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
  // The link is sent to the person's own address.
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
  'usage.setPrice': null,
  'usage.removePrice': null,
  'session.update': null,
  'session.selectBranch': null,
  'session.delete': null,
  'session.restore': null,
  'session.markRead': null,
  'draft.save': null,
  'queue.edit': null,
  'queue.move': null,
  'queue.sendNow': null,
  'prompt.create': null,
  'prompt.update': null,
  'prompt.remove': null,
  'task.cancel': null,
  'approval.resolve': 'decision',
  'approval.setRules': 'rule for commands outside the sandbox',
};

export type End = {
  end(world: GrantWorld): Promise<unknown>;
  /** The member has the right again. */
  isRestored?: true;
  /** The member's instances have another owner. */
  passesInstances?: true;
};

const rejoin = async ({ app, granter, owner }: GrantWorld) => {
  const { id } = await app.client(owner).invitation.create.mutate({ email: granter.email, role: 'owner' });
  await app.client({ bearer: granter.bearer }).invitation.accept.mutate({ id });
};
const setRole = ({ app, owner, granter }: GrantWorld, role: 'owner' | 'operator' | 'viewer') =>
  app.client(owner).member.setRole.mutate({ userId: granter.id, role });
const remove = ({ app, owner, granter }: GrantWorld) => app.client(owner).member.remove.mutate({ userId: granter.id });

/** All ways in which a member loses a right. */
export const ends: Record<string, End> = {
  removed: { passesInstances: true, end: remove },
  'removed and invited again': {
    passesInstances: true,
    async end(world) {
      await remove(world);
      await rejoin(world);
    },
  },
  left: { passesInstances: true, end: ({ app, granter }) => app.client(granter).tenant.leave.mutate() },
  'made an operator': { end: (world) => setRole(world, 'operator') },
  'made a viewer': { end: (world) => setRole(world, 'viewer') },
  'made an operator and an owner again': {
    isRestored: true,
    async end(world) {
      await setRole(world, 'operator');
      await setRole(world, 'owner');
    },
  },
  banned: {
    end: ({ app, granter }) => app.database.platform.user.update({ where: { id: granter.id }, data: { banned: true } }),
  },
  // Changed by SQL, so that only the check at use can refuse the grant.
  'made a viewer in the database': {
    end: ({ app, granter }) =>
      app.database.platform.member.updateMany({ where: { userId: granter.id }, data: { role: 'viewer' } }),
  },
  'removed in the database': {
    end: ({ app, granter }) => app.database.platform.member.deleteMany({ where: { userId: granter.id } }),
  },
  'of a tenant that was removed': { end: ({ app }) => removeTenant(app.database.pool, app.tenantId, app.dataDir) },
};
