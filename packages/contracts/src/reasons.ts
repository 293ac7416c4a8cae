import { z } from 'zod';

/**
 * Why something was refused or ended, as a closed list: clients switch on it and translate it, and never parse a message.
 * The first group answers requests, the second ends tasks.
 */
export const Reason = z.enum([
  'INVALID_INPUT',
  'BODY_TOO_LARGE',
  'NOT_SIGNED_IN',
  'SIGN_IN_LINK_INVALID',
  'WRONG_CREDENTIALS',
  'WRONG_PASSWORD',
  'WRONG_CODE',
  'PASSWORD_UNSAFE',
  'EMAIL_TAKEN',
  'TOO_MANY_REQUESTS',
  'FORBIDDEN',
  'NO_TENANT',
  'TENANT_UNAVAILABLE',
  'TENANT_NOT_FOUND',
  'LAST_OWNER',
  'ALREADY_MEMBER',
  'MEMBER_NOT_FOUND',
  'INVITATION_INVALID',
  'API_KEY_NOT_FOUND',
  'DEVICE_NOT_FOUND',
  'SHARE_NOT_FOUND',
  'ORIGIN_REFUSED',
  'NOT_FOUND',
  'INSTANCE_NOT_FOUND',
  'INSTANCE_NOT_RUNNING',
  'SESSION_NOT_FOUND',
  'TASK_NOT_FOUND',
  'TASK_ENDED',
  'APPROVAL_NOT_FOUND',
  'APPROVAL_DECIDED',
  'CALLBACK_TOKEN_INVALID',
  'EVENT_GAP',
  'SHUTTING_DOWN',
  'INTERNAL',

  'BRIDGE_UNREACHABLE',
  'BRIDGE_REJECTED',
  'BRIDGE_LOST',
  'AGENT_ERROR',
  'MODEL_UNAVAILABLE',
  'MODEL_KEY_REFUSED',
  'MODEL_RATE_LIMITED',
  'CONTEXT_TOO_LONG',
  'DEADLINE_EXCEEDED',
  'APPROVAL_EXPIRED',
  'CANCELLED_BY_USER',
]);
Reason.register(z.globalRegistry, { id: 'Reason', description: 'Why something was refused, or a task ended.' });
export type Reason = z.infer<typeof Reason>;
