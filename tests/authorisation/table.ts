import { randomUUID } from 'node:crypto';
import type { Reason } from '@it0/contracts/reasons';
import { type Asker, type Cast, password } from './actors.ts';

/** What somebody gets: what they asked for, or a reason. */
export type Outcome = 'ok' | Reason;
export type Row = { input?: (made: Cast['made']) => object | Promise<object>; gets: (asker: Asker) => Outcome };

const ranks: Asker[] = ['viewer', 'operator', 'admin', 'owner'];
export const isNobody = (asker: Asker) => ['anonymous', 'revoked login', 'expired key'].includes(asker);
/** An owner by role, with nothing of the owner's. */
const roleOf = (asker: Asker): Asker => (ranks.includes(asker) ? asker : 'owner');
const may = (asker: Asker, least: Asker) => ranks.indexOf(roleOf(asker)) >= ranks.indexOf(least);

const everybody = (outcome: Outcome) => () => outcome;
const whoeverIsSignedIn =
  (outcome: Outcome = 'ok') =>
  (asker: Asker): Outcome =>
    isNobody(asker) ? 'NOT_SIGNED_IN' : outcome;
/** What members may do in their own tenant. */
const members =
  (least: Asker) =>
  (asker: Asker): Outcome =>
    isNobody(asker) ? 'NOT_SIGNED_IN' : may(asker, least) ? 'ok' : 'FORBIDDEN';
/** What is the tenant's: nothing of it is there for another one. */
const ofTheTenant = (least: Asker, missing: Reason) => (asker: Asker) =>
  asker === 'owner elsewhere' ? missing : members(least)(asker);
/** What belongs to an instance: nothing of it is there for whom it is not shared with. */
const ofTheInstance = (least: Asker, missing: Reason) => (asker: Asker) =>
  asker === 'colleague' ? missing : ofTheTenant(least, missing)(asker);
/** What is nobody's but the owner's. */
const ofTheOwner = (least: Asker, missing: Reason) => (asker: Asker) => {
  const outcome = members(least)(asker);
  return outcome === 'ok' && asker !== 'owner' ? missing : outcome;
};

const scripted = { provider: 'scripted', name: null, baseUrl: null };

/** Every procedure, what it is asked, and what becomes of it for whom. */
export const table: Record<string, Row> = {
  'auth.me': { gets: whoeverIsSignedIn() },
  'auth.ways': { gets: everybody('ok') },
  'auth.signIn': { input: (made) => made.owner(), gets: everybody('ok') },
  'auth.verifyCode': {
    input: () => ({ challenge: randomUUID(), code: '000000' }),
    gets: everybody('WRONG_CREDENTIALS'),
  },
  'auth.showSignInLink': { input: (made) => made.signInLink(), gets: everybody('ok') },
  'auth.redeemSignInLink': { input: (made) => made.signInLink(), gets: everybody('ok') },
  'auth.signOut': { gets: whoeverIsSignedIn() },
  'auth.requestReset': { input: () => ({ email: 'x@example.com' }), gets: everybody('INVALID_INPUT') },
  'auth.showResetLink': { input: () => ({ token: 'x' }), gets: everybody('SIGN_IN_LINK_INVALID') },
  'auth.resetPassword': { input: () => ({ token: 'x', password }), gets: everybody('SIGN_IN_LINK_INVALID') },

  'account.mine': { gets: whoeverIsSignedIn() },
  'account.keys': { gets: whoeverIsSignedIn() },
  'account.rename': { input: () => ({ name: 'New' }), gets: whoeverIsSignedIn() },
  'account.setEmail': {
    input: () => ({ email: 'new@example.com', password: 'wrong' }),
    gets: whoeverIsSignedIn('WRONG_PASSWORD'),
  },
  'account.setPassword': {
    input: () => ({ password }),
    gets: (asker) => (asker === 'owner' ? 'WRONG_PASSWORD' : whoeverIsSignedIn()(asker)),
  },
  'account.changePassword': {
    input: () => ({ current: 'wrong', next: password }),
    gets: whoeverIsSignedIn('WRONG_PASSWORD'),
  },
  'device.list': { gets: whoeverIsSignedIn() },
  'device.revoke': {
    input: (made) => made.device(),
    gets: (asker) => (asker === 'owner' ? 'ok' : whoeverIsSignedIn('DEVICE_NOT_FOUND')(asker)),
  },
  'device.revokeOthers': { gets: whoeverIsSignedIn() },
  'secondFactor.begin': { input: () => ({ password: 'wrong' }), gets: whoeverIsSignedIn('WRONG_PASSWORD') },
  'secondFactor.confirm': { input: () => ({ code: '000000' }), gets: whoeverIsSignedIn('INVALID_INPUT') },
  'secondFactor.remove': { input: () => ({ password: 'wrong' }), gets: whoeverIsSignedIn('WRONG_PASSWORD') },

  'tenant.create': { input: () => ({ name: 'New' }), gets: members('owner') },
  'tenant.rename': { input: () => ({ name: 'New' }), gets: members('owner') },
  'tenant.switch': { input: (made) => made.tenant(), gets: ofTheTenant('viewer', 'TENANT_NOT_FOUND') },
  'tenant.leave': { gets: (asker) => (asker === 'owner elsewhere' ? 'LAST_OWNER' : members('viewer')(asker)) },
  'member.list': { gets: members('viewer') },
  'member.setRole': {
    input: async (made) => ({ ...(await made.member()), role: 'operator' }),
    gets: ofTheTenant('admin', 'MEMBER_NOT_FOUND'),
  },
  'member.remove': { input: (made) => made.member(), gets: ofTheTenant('admin', 'MEMBER_NOT_FOUND') },
  'member.resetLink': { input: (made) => made.member(), gets: ofTheTenant('admin', 'MEMBER_NOT_FOUND') },
  'invitation.list': { gets: members('admin') },
  'invitation.create': { input: () => ({ email: 'new@example.com', role: 'viewer' }), gets: members('admin') },
  'invitation.cancel': { input: (made) => made.invitation(), gets: ofTheTenant('admin', 'INVITATION_INVALID') },
  'invitation.show': { input: (made) => made.invitation(), gets: everybody('ok') },
  'invitation.join': {
    input: async (made) => ({ ...(await made.invitation()), name: 'New', password }),
    gets: everybody('ok'),
  },
  'invitation.accept': { input: (made) => made.invitation(), gets: whoeverIsSignedIn('INVITATION_INVALID') },
  'apiKey.list': { gets: members('operator') },
  'apiKey.create': { input: () => ({ name: 'k', scopes: ['instance:read'], days: 1 }), gets: members('operator') },
  'apiKey.remove': { input: (made) => made.apiKey(), gets: ofTheOwner('operator', 'API_KEY_NOT_FOUND') },

  'instance.list': { gets: members('viewer') },
  'instance.byId': { input: (made) => made.instance(), gets: ofTheInstance('viewer', 'INSTANCE_NOT_FOUND') },
  'instance.onStatus': { gets: members('viewer') },
  'instance.create': { input: () => ({ requestId: randomUUID(), name: 'New' }), gets: members('admin') },
  'instance.enroll': {
    input: (made) => made.remoteInstance(),
    gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.rename': {
    input: async (made) => ({ ...(await made.instance()), name: 'New' }),
    gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.start': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'instance.stop': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'instance.restart': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'instance.remove': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'instance.logs': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'instance.setModel': {
    input: async (made) => ({ ...(await made.instance()), model: scripted }),
    gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.testModel': {
    input: async (made) => ({ ...(await made.instance()), model: scripted }),
    gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.setSharedFolder': {
    input: async (made) => ({ ...(await made.instance()), writable: true }),
    gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.createTask': {
    input: async (made) => ({ ...(await made.instance()), message: 'x', requestId: randomUUID() }),
    gets: ofTheInstance('operator', 'INSTANCE_NOT_FOUND'),
  },
  'instance.sessions': { input: (made) => made.instance(), gets: ofTheInstance('viewer', 'INSTANCE_NOT_FOUND') },
  'instance.shares': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'instance.share': {
    input: async (made) => ({ ...(await made.instance()), with: { role: 'owner' } }),
    gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND'),
  },
  'instance.unshare': { input: (made) => made.share(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'assistant.status': { gets: members('viewer') },
  'assistant.createTask': { input: (made) => made.assistant(), gets: members('viewer') },
  'assistant.sessions': { input: () => ({}), gets: members('viewer') },
  'session.messages': {
    input: async (made) => ({ sessionId: (await made.task()).sessionId }),
    gets: ofTheInstance('viewer', 'SESSION_NOT_FOUND'),
  },
  'session.onEvent': {
    input: async (made) => ({ sessionId: (await made.task()).sessionId, lastEventId: '0' }),
    gets: ofTheInstance('viewer', 'SESSION_NOT_FOUND'),
  },
  'task.cancel': {
    input: async (made) => ({ taskId: (await made.task()).taskId }),
    gets: ofTheInstance('operator', 'TASK_NOT_FOUND'),
  },
  'approval.pending': { gets: members('viewer') },
  'approval.onChange': { gets: members('viewer') },
  'approval.rules': { input: (made) => made.instance(), gets: ofTheOwner('admin', 'INSTANCE_NOT_FOUND') },
  'approval.setRules': {
    input: async (made) => ({
      ...(await made.instance()),
      ...{ rules: [{ kind: 'exec', pattern: 'ls', action: 'allow' }], revision: 'another' },
    }),
    // Setting rules requires their revision, and thus the right to read them.
    gets: (asker) => {
      const outcome = ofTheOwner('admin', 'INSTANCE_NOT_FOUND')(asker);
      return outcome === 'ok' ? 'RULES_CHANGED' : outcome;
    },
  },
  'approval.resolve': {
    input: async (made) => ({
      ...(await made.approval()),
      decision: 'deny',
      seen: { command: 'marker', allowedDecisions: ['deny'] },
    }),
    gets: ofTheInstance('operator', 'APPROVAL_NOT_FOUND'),
  },
};

/** An input that names nothing there is. */
export const ghostOf = (input: object): object =>
  JSON.parse(JSON.stringify(input), (key, value) => (/id$/i.test(key) && key !== 'lastEventId' ? randomUUID() : value));
