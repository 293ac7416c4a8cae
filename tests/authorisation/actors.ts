import { randomUUID } from 'node:crypto';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import type { Role } from '@it0/contracts/permissions';
import { type Credentials, type TestApp, testApp } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import type { TestDatabase } from '@it0/tests/support/database';
import { fakeBridge } from '@it0/tests/support/fake-bridge';

export const password = 'correct horse battery';
export const askers = [
  'anonymous',
  'viewer',
  'operator',
  'admin',
  'owner',
  /** An owner of the tenant too, with whom nothing is shared. */
  'colleague',
  'owner elsewhere',
  'revoked login',
  'expired key',
] as const;
export type Asker = (typeof askers)[number];
export type Cast = Awaited<ReturnType<typeof createActors>>;

const bridgePackage = { version: '1', path: '/bridge/1.tgz', file: '/nowhere' };

/** A tenant whose owner has everything that is asked for, another one, and whoever may ask. */
export async function createActors({ database }: { database?: TestDatabase } = {}) {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(fakeBridge());
  const app: TestApp = stack.use(await testApp({ database, tasksPerMinute: 100_000, bridgePackage }));
  const { platform } = app.database;
  const elsewhere = await app.database.createTenant({ name: 'Other' });
  const owner = await app.newUser({ password });
  const newUser = (role: Role, inTenant = app.tenantId) => app.newUser({ role, inTenant });
  const here = app.client(owner);

  /** Anew for every question: what one has done must not change what the next one may. */
  async function enter(asker: Asker): Promise<Credentials> {
    if (asker === 'anonymous') return {};
    if (asker === 'owner elsewhere') return newUser('owner', elsewhere);
    if (asker === 'colleague') return newUser('owner');
    if (asker === 'owner') return app.newLogin(owner.id);
    if (asker === 'revoked login') {
      const login = await app.newLogin(owner.id);
      await app.client(login).auth.signOut.mutate();
      return { bearer: login.bearer };
    }
    if (asker === 'expired key') {
      const { id, key } = await here.apiKey.create.mutate({ name: 'old', scopes: ['instance:read'], days: 1 });
      await platform.apiKey.update({ where: { id }, data: { expiresAt: new Date(0) } });
      return { apiKey: key };
    }
    return newUser(asker);
  }

  /** What is the owner's, made anew whenever it is asked about. */
  const made = {
    owner: () => ({ email: owner.email, password }),
    /** Reads or redeems the link. */
    signInLink: async () => ({ token: await createSignInLink(app.database, owner.id) }),
    tenant: () => ({ tenantId: app.tenantId }),
    /** Shared with every role but the owners. */
    async instance() {
      const { id: instanceId } = await app.newInstance(owner, { bridgeUrl: bridge.url });
      const roles = ['viewer', 'operator', 'admin'] as const;
      const data = roles.map((role) => ({ id: randomUUID(), instanceId, role }));
      await app.tenant.instanceShare.createMany({ data });
      return { instanceId };
    },
    async remoteInstance() {
      const { instanceId } = await made.instance();
      await app.tenant.agentInstance.update({ where: { id: instanceId }, data: { driver: 'remote' } });
      return { instanceId };
    },
    /** Everybody's, and so nothing of the owner's. */
    async assistant() {
      await app.newAssistant({ bridgeUrl: bridge.url });
      return { message: 'x', requestId: randomUUID() };
    },
    /** A conversation with it, which is shared with nobody. */
    async asked() {
      const message = `marker ${randomUUID()}`;
      const { sessionId } = await here.assistant.createTask.mutate({ ...(await made.assistant()), message });
      return { sessionId };
    },
    async share() {
      const { instanceId } = await made.instance();
      const data = { id: randomUUID(), instanceId, userId: owner.id };
      return { instanceId, shareId: (await app.tenant.instanceShare.create({ data })).id };
    },
    async task() {
      const message = `marker ${randomUUID()}`;
      const input = { ...(await made.instance()), message, requestId: randomUUID() };
      const { sessionId, taskId } = await here.instance.createTask.mutate(input);
      return { sessionId, taskId, task: await bridge.task(message) };
    },
    async approval() {
      const { task } = await made.task();
      const report = approvalReport({ command: 'marker', allowedDecisions: ['deny'] });
      await bridge.report(task, report);
      return { approvalId: report.approvalId };
    },
    member: async () => ({ userId: (await newUser('viewer')).id }),
    invitation: async () => {
      const email = `marker-${randomUUID()}@example.com`;
      return { id: (await here.invitation.create.mutate({ email, role: 'viewer' })).id };
    },
    apiKey: async () => ({
      id: (await here.apiKey.create.mutate({ name: 'k', scopes: ['instance:read'], days: 1 })).id,
    }),
    async device() {
      await app.newLogin(owner.id);
      const [newest] = await here.device.list.query();
      return { id: newest!.id };
    },
  };
  return { app, made, enter, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}
