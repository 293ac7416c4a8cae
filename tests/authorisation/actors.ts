import { randomUUID } from 'node:crypto';
import { createSignInLink } from '@it0/api/auth/sign-in-link';
import type { Role } from '@it0/contracts/permissions';
import { type Credentials, type TestApp, testApp } from '@it0/tests/support/app';
import { approvalReport } from '@it0/tests/support/approval';
import type { TestDatabase } from '@it0/tests/support/database';
import { fakeBridge } from '@it0/tests/support/fake-bridge';

export const password = 'correct horse battery';
export const callers = [
  'anonymous',
  'viewer',
  'operator',
  'admin',
  'owner',
  /** Another owner of the same tenant, with whom nothing is shared. */
  'colleague',
  'owner elsewhere',
  'revoked login',
  'expired key',
] as const;
export type Caller = (typeof callers)[number];
export type Actors = Awaited<ReturnType<typeof createActors>>;
export type TwoTenants = Awaited<ReturnType<typeof startTwoTenants>>;

const bridgePackage = { version: '1', path: '/bridge/1.tgz', file: '/nowhere' };

/** Starts a server with two tenants and a bridge. Both tenants have owners of their own, so that callers may leave. */
export async function startTwoTenants({ database }: { database?: TestDatabase } = {}) {
  const stack = new AsyncDisposableStack();
  const bridge = stack.use(fakeBridge());
  const app: TestApp = stack.use(await testApp({ database, tasksPerMinute: 100_000, bridgePackage }));
  const elsewhere = await app.database.createTenant({ name: 'Other' });
  for (const inTenant of [app.tenantId, elsewhere]) await app.newUser({ inTenant });
  return { app, bridge, elsewhere, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

/** Creates an owner in the first tenant, who creates every input, and the callers of each kind. */
export async function createActors({ app, bridge, elsewhere }: TwoTenants) {
  const { platform } = app.database;
  const owner = await app.newUser({ password });
  const newUser = (role: Role, inTenant = app.tenantId) => app.newUser({ role, inTenant });
  const here = app.client(owner);

  /** Creates new credentials for each call, so that no call affects the rights of the next. */
  async function enter(caller: Caller): Promise<Credentials> {
    if (caller === 'anonymous') return {};
    if (caller === 'owner elsewhere') return newUser('owner', elsewhere);
    if (caller === 'colleague') return newUser('owner');
    if (caller === 'owner') return app.newLogin(owner.id);
    if (caller === 'revoked login') {
      const login = await app.newLogin(owner.id);
      await app.client(login).auth.signOut.mutate();
      return { bearer: login.bearer };
    }
    if (caller === 'expired key') {
      const { id, key } = await here.apiKey.create.mutate({ name: 'old', scopes: ['instance:read'], days: 1 });
      await platform.apiKey.update({ where: { id }, data: { expiresAt: new Date(0) } });
      return { apiKey: key };
    }
    return newUser(caller);
  }

  /** Creates inputs that refer to new objects of the owner. */
  const inputs = {
    owner: () => ({ email: owner.email, password }),
    /** Input of procedures that read or redeem the link. */
    signInLink: async () => ({ token: await createSignInLink(app.database, owner.id) }),
    tenant: () => ({ tenantId: app.tenantId }),
    /** Shared with every role except owners. */
    async instance() {
      const { id: instanceId } = await app.newInstance(owner, { bridgeUrl: bridge.url });
      const roles = ['viewer', 'operator', 'admin'] as const;
      const data = roles.map((role) => ({ id: randomUUID(), instanceId, role }));
      await app.tenant.instanceShare.createMany({ data });
      return { instanceId };
    },
    async remoteInstance() {
      const { instanceId } = await inputs.instance();
      await app.tenant.agentInstance.update({ where: { id: instanceId }, data: { driver: 'remote' } });
      return { instanceId };
    },
    /** Available to every member. */
    async assistant() {
      await app.newAssistant({ bridgeUrl: bridge.url });
      return { message: 'x', requestId: randomUUID() };
    },
    /** A private session with iAgent. */
    async assistantSession() {
      const message = `marker ${randomUUID()}`;
      const { sessionId } = await here.assistant.createTask.mutate({ ...(await inputs.assistant()), message });
      return { sessionId };
    },
    async share() {
      const { instanceId } = await inputs.instance();
      const data = { id: randomUUID(), instanceId, userId: owner.id };
      return { instanceId, shareId: (await app.tenant.instanceShare.create({ data })).id };
    },
    async task() {
      const message = `marker ${randomUUID()}`;
      const input = { ...(await inputs.instance()), message, requestId: randomUUID() };
      const { sessionId, taskId } = await here.instance.createTask.mutate(input);
      return { sessionId, taskId, task: await bridge.task(message) };
    },
    prompt: async () => ({
      promptId: (await here.prompt.create.mutate({ name: 'marker', text: 'marker' })).id,
    }),
    /** A message that waits behind the one of a task. */
    async queued() {
      const { sessionId } = await inputs.task();
      const { agentInstanceId } = await app.tenant.agentSession.findUniqueOrThrow({ where: { id: sessionId } });
      const input = { instanceId: agentInstanceId!, sessionId, message: 'marker', requestId: randomUUID() };
      return { taskId: (await here.instance.createTask.mutate(input)).taskId };
    },
    async approval() {
      const { task } = await inputs.task();
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
  return { app, inputs, enter };
}
