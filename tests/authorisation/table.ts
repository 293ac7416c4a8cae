import { randomUUID } from 'node:crypto';
import type { Reason } from '@it0/contracts/reasons';
import { type Actors, type Caller, password } from './actors.ts';

/** Outcome of a call: `ok`, or the reason of the refusal. */
export type Outcome = 'ok' | Reason;
export type Row = { input?: (inputs: Actors['inputs']) => object | Promise<object>; gets: (caller: Caller) => Outcome };

const ranks: Caller[] = ['viewer', 'operator', 'admin', 'owner'];
export const isSignedOut = (caller: Caller) => ['anonymous', 'revoked login', 'expired key'].includes(caller);
/** Returns the role of a caller. Callers other than the four roles are owners. */
const toRole = (caller: Caller): Caller => (ranks.includes(caller) ? caller : 'owner');
const hasRole = (caller: Caller, minimum: Caller) => ranks.indexOf(toRole(caller)) >= ranks.indexOf(minimum);

const anyone = (outcome: Outcome) => () => outcome;
const signedIn =
  (outcome: Outcome = 'ok') =>
  (caller: Caller): Outcome =>
    isSignedOut(caller) ? 'NOT_SIGNED_IN' : outcome;
/** Allows members with at least this role, in their own tenant. */
const memberWith =
  (minimum: Caller) =>
  (caller: Caller): Outcome =>
    isSignedOut(caller) ? 'NOT_SIGNED_IN' : hasRole(caller, minimum) ? 'ok' : 'FORBIDDEN';
/** Allows like `memberWith`, for objects that are missing for other tenants. */
const withinTenant = (minimum: Caller, missing: Reason) => (caller: Caller) =>
  caller === 'owner elsewhere' ? missing : memberWith(minimum)(caller);
/** Allows like `withinTenant`, for objects of an instance, which are missing for members without a share. */
const withShare = (minimum: Caller, missing: Reason) => (caller: Caller) =>
  caller === 'colleague' ? missing : withinTenant(minimum, missing)(caller);
/** Allows only the owner. The objects are missing for other members. */
const ownerOnly = (minimum: Caller, missing: Reason) => (caller: Caller) => {
  const outcome = memberWith(minimum)(caller);
  return outcome === 'ok' && caller !== 'owner' ? missing : outcome;
};

const scripted = { provider: 'scripted', name: null, baseUrl: null };

/** Every procedure with an input, and its outcome for each caller. */
export const table: Record<string, Row> = {
  'auth.me': { gets: signedIn() },
  'auth.ways': { gets: anyone('ok') },
  'auth.signIn': { input: (inputs) => inputs.owner(), gets: anyone('ok') },
  'auth.verifyCode': {
    input: () => ({ challenge: randomUUID(), code: '000000' }),
    gets: anyone('WRONG_CREDENTIALS'),
  },
  'auth.showSignInLink': { input: (inputs) => inputs.signInLink(), gets: anyone('ok') },
  'auth.redeemSignInLink': { input: (inputs) => inputs.signInLink(), gets: anyone('ok') },
  'auth.signOut': { gets: signedIn() },
  'auth.requestReset': { input: () => ({ email: 'x@example.com' }), gets: anyone('INVALID_INPUT') },
  'auth.showResetLink': { input: () => ({ token: 'x' }), gets: anyone('SIGN_IN_LINK_INVALID') },
  'auth.resetPassword': { input: () => ({ token: 'x', password }), gets: anyone('SIGN_IN_LINK_INVALID') },

  'account.mine': { gets: signedIn() },
  'account.keys': { gets: signedIn() },
  'account.rename': { input: () => ({ name: 'New' }), gets: signedIn() },
  'account.setEmail': {
    input: () => ({ email: 'new@example.com', password: 'wrong' }),
    gets: signedIn('WRONG_PASSWORD'),
  },
  'account.setPassword': {
    input: () => ({ password }),
    gets: (caller) => (caller === 'owner' ? 'WRONG_PASSWORD' : signedIn()(caller)),
  },
  'account.changePassword': {
    input: () => ({ current: 'wrong', next: password }),
    gets: signedIn('WRONG_PASSWORD'),
  },
  'device.list': { gets: signedIn() },
  'device.revoke': {
    input: (inputs) => inputs.device(),
    gets: (caller) => (caller === 'owner' ? 'ok' : signedIn('DEVICE_NOT_FOUND')(caller)),
  },
  'device.revokeOthers': { gets: signedIn() },
  'secondFactor.begin': { input: () => ({ password: 'wrong' }), gets: signedIn('WRONG_PASSWORD') },
  'secondFactor.confirm': { input: () => ({ code: '000000' }), gets: signedIn('INVALID_INPUT') },
  'secondFactor.remove': { input: () => ({ password: 'wrong' }), gets: signedIn('WRONG_PASSWORD') },

  'tenant.create': { input: () => ({ name: 'New' }), gets: memberWith('owner') },
  'tenant.rename': { input: () => ({ name: 'New' }), gets: memberWith('owner') },
  'tenant.switch': { input: (inputs) => inputs.tenant(), gets: withinTenant('viewer', 'TENANT_NOT_FOUND') },
  'tenant.leave': { gets: memberWith('viewer') },
  'member.list': { gets: memberWith('viewer') },
  'member.setRole': {
    input: async (inputs) => ({ ...(await inputs.member()), role: 'operator' }),
    gets: withinTenant('admin', 'MEMBER_NOT_FOUND'),
  },
  'member.remove': { input: (inputs) => inputs.member(), gets: withinTenant('admin', 'MEMBER_NOT_FOUND') },
  'member.resetLink': { input: (inputs) => inputs.member(), gets: withinTenant('admin', 'MEMBER_NOT_FOUND') },
  'invitation.list': { gets: memberWith('admin') },
  'invitation.create': { input: () => ({ email: 'new@example.com', role: 'viewer' }), gets: memberWith('admin') },
  'invitation.cancel': { input: (inputs) => inputs.invitation(), gets: withinTenant('admin', 'INVITATION_INVALID') },
  'invitation.show': { input: (inputs) => inputs.invitation(), gets: anyone('ok') },
  'invitation.join': {
    input: async (inputs) => ({ ...(await inputs.invitation()), name: 'New', password }),
    gets: anyone('ok'),
  },
  'invitation.accept': { input: (inputs) => inputs.invitation(), gets: signedIn('INVITATION_INVALID') },
  'apiKey.list': { gets: memberWith('operator') },
  'apiKey.create': { input: () => ({ name: 'k', scopes: ['instance:read'], days: 1 }), gets: memberWith('operator') },
  'apiKey.remove': { input: (inputs) => inputs.apiKey(), gets: ownerOnly('operator', 'API_KEY_NOT_FOUND') },

  'instance.list': { gets: memberWith('viewer') },
  'instance.byId': { input: (inputs) => inputs.instance(), gets: withShare('viewer', 'INSTANCE_NOT_FOUND') },
  'instance.onStatus': { gets: memberWith('viewer') },
  'instance.create': { input: () => ({ requestId: randomUUID(), name: 'New' }), gets: memberWith('admin') },
  'instance.enroll': {
    input: (inputs) => inputs.remoteInstance(),
    gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.rename': {
    input: async (inputs) => ({ ...(await inputs.instance()), name: 'New' }),
    gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.start': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'instance.stop': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'instance.restart': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'instance.remove': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'instance.logs': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'instance.setModel': {
    input: async (inputs) => ({ ...(await inputs.instance()), model: scripted }),
    gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.testModel': {
    input: async (inputs) => ({ ...(await inputs.instance()), model: scripted }),
    gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.setSharedFolder': {
    input: async (inputs) => ({ ...(await inputs.instance()), writable: true }),
    gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.createTask': {
    input: async (inputs) => ({ ...(await inputs.instance()), message: 'x', requestId: randomUUID() }),
    gets: withShare('operator', 'INSTANCE_NOT_FOUND'),
  },
  'instance.sessions': { input: (inputs) => inputs.instance(), gets: withShare('viewer', 'INSTANCE_NOT_FOUND') },
  'instance.shares': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'instance.share': {
    input: async (inputs) => ({ ...(await inputs.instance()), with: { role: 'owner' } }),
    gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.unshare': { input: (inputs) => inputs.share(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'assistant.status': { gets: memberWith('viewer') },
  'assistant.createTask': { input: (inputs) => inputs.assistant(), gets: memberWith('viewer') },
  'voice.status': { gets: memberWith('viewer') },
  'assistant.sessions': { input: () => ({}), gets: memberWith('viewer') },
  'session.messages': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId }),
    gets: withShare('viewer', 'SESSION_NOT_FOUND'),
  },
  'session.onEvent': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId, lastEventId: '0' }),
    gets: withShare('viewer', 'SESSION_NOT_FOUND'),
  },
  'usage.byDay': { input: () => ({ days: 1 }), gets: memberWith('viewer') },
  'usage.prices': { gets: memberWith('viewer') },
  'usage.setPrice': {
    input: () => ({ model: 'model', currency: 'USD', input: 1, cachedInput: null, output: 2 }),
    gets: memberWith('owner'),
  },
  'usage.removePrice': { input: () => ({ model: 'model' }), gets: memberWith('owner') },
  'session.search': { input: () => ({ query: 'marker' }), gets: memberWith('viewer') },
  'session.update': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId, title: 'New' }),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'session.selectBranch': {
    input: (inputs) => inputs.task(),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'session.delete': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId }),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'session.restore': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId }),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'session.markRead': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId, seq: 1 }),
    gets: withShare('viewer', 'SESSION_NOT_FOUND'),
  },
  'draft.get': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId }),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'draft.save': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId, text: 'x', revision: 0 }),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'draft.onChange': {
    input: async (inputs) => ({ sessionId: (await inputs.task()).sessionId }),
    gets: ownerOnly('viewer', 'SESSION_NOT_FOUND'),
  },
  'queue.edit': {
    input: async (inputs) => ({ ...(await inputs.queued()), message: 'x', attachmentIds: [] }),
    gets: ownerOnly('viewer', 'TASK_NOT_FOUND'),
  },
  'queue.move': {
    input: async (inputs) => ({ ...(await inputs.queued()), beforeTaskId: null }),
    gets: ownerOnly('viewer', 'TASK_NOT_FOUND'),
  },
  'queue.sendNow': { input: (inputs) => inputs.queued(), gets: ownerOnly('viewer', 'TASK_NOT_FOUND') },
  'prompt.list': { gets: memberWith('viewer') },
  'prompt.create': { input: () => ({ name: 'New', text: 'x' }), gets: memberWith('viewer') },
  'prompt.update': {
    input: async (inputs) => ({ ...(await inputs.prompt()), name: 'New', text: 'x', shared: false }),
    gets: ownerOnly('viewer', 'PROMPT_NOT_FOUND'),
  },
  'prompt.remove': { input: (inputs) => inputs.prompt(), gets: ownerOnly('viewer', 'PROMPT_NOT_FOUND') },
  'task.cancel': {
    input: async (inputs) => ({ taskId: (await inputs.task()).taskId }),
    gets: withShare('operator', 'TASK_NOT_FOUND'),
  },
  'approval.pending': { gets: memberWith('viewer') },
  'approval.find': { input: (inputs) => inputs.approval(), gets: withShare('viewer', 'APPROVAL_NOT_FOUND') },
  'approval.onChange': { gets: memberWith('viewer') },
  'approval.rules': { input: (inputs) => inputs.instance(), gets: ownerOnly('admin', 'INSTANCE_NOT_FOUND') },
  'approval.setRules': {
    input: async (inputs) => ({
      ...(await inputs.instance()),
      ...{ rules: [{ kind: 'exec', pattern: 'ls', action: 'allow' }], revision: 'another' },
    }),
    // Setting rules requires their revision, and thus the right to read them.
    gets: (caller) => {
      const outcome = ownerOnly('admin', 'INSTANCE_NOT_FOUND')(caller);
      return outcome === 'ok' ? 'RULES_CHANGED' : outcome;
    },
  },
  'approval.resolve': {
    input: async (inputs) => ({
      ...(await inputs.approval()),
      decision: 'deny',
      seen: { command: 'marker', allowedDecisions: ['deny'] },
    }),
    gets: withShare('operator', 'APPROVAL_NOT_FOUND'),
  },
};

/** Replaces the ids of an input by ids that do not exist. */
export const replaceIds = (input: object): object =>
  JSON.parse(JSON.stringify(input), (key, value) => (/id$/i.test(key) && key !== 'lastEventId' ? randomUUID() : value));
