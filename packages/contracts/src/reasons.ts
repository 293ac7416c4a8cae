import { z } from 'zod';

/** Reasons for which a request is refused. Closed list; each has one HTTP status, see `Callback` for two exceptions. */
export const RequestReason = z.enum([
  'INVALID_INPUT',
  'BODY_TOO_LARGE',
  'NOT_SIGNED_IN',
  'SIGN_IN_LINK_INVALID',
  'WRONG_CREDENTIALS',
  'WRONG_PASSWORD',
  'WRONG_CODE',
  'PASSWORD_UNSAFE',
  'EMAIL_TAKEN',
  'NOT_INVITED',
  'EMAIL_UNVERIFIED',
  'SECOND_FACTOR_REQUIRED',
  'PROVIDER_FAILED',
  'PROVIDER_UNREACHABLE',
  'TOO_MANY_REQUESTS',
  'SIGN_IN_PAUSED',
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
  'ADDRESS_INSECURE',
  'NOT_FOUND',
  'INSTANCE_NOT_FOUND',
  'INSTANCE_NOT_RUNNING',
  'ASSISTANT_NOT_RUNNING',
  'NOT_ENOUGH_MEMORY',
  'NOT_ISOLATED',
  'MODEL_KEY_MISSING',
  'MODEL_ADDRESS_REFUSED',
  'BRIDGE_CODE_INVALID',
  'BRIDGE_UNKNOWN',
  'BRIDGE_OUTDATED',
  'BRIDGE_ADDRESS_REFUSED',
  'SESSION_NOT_FOUND',
  'TASK_NOT_FOUND',
  'TASK_ENDED',
  'APPROVAL_NOT_FOUND',
  'APPROVAL_DECIDED',
  'APPROVAL_CHANGED',
  'RULES_CHANGED',
  'ATTACHMENT_NOT_FOUND',
  'ATTACHMENT_TOO_LARGE',
  'ATTACHMENT_TYPE_REFUSED',
  'STORAGE_FULL',
  'CALLBACK_TOKEN_INVALID',
  'EVENT_GAP',
  'SHUTTING_DOWN',
  'BRIDGE_UNREACHABLE',
  'APPROVAL_EXPIRED',
  'INTERNAL',
]);
RequestReason.register(z.globalRegistry, { id: 'RequestReason', description: 'Why a request was refused.' });
export type RequestReason = z.infer<typeof RequestReason>;

/** Reasons for which a task ends without success. Closed list; some are also reasons of requests. */
export const TaskReason = z.enum([
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
  'ATTACHMENT_NOT_FOUND',
  'ATTACHMENT_TOO_LARGE',
  'ATTACHMENT_TYPE_REFUSED',
]);
export type TaskReason = z.infer<typeof TaskReason>;

/** Reason of a refused request or an ended task. Clients switch on it and translate it, and never parse a message. */
export const Reason = z.enum([...RequestReason.options, ...TaskReason.options]);
Reason.register(z.globalRegistry, { id: 'Reason', description: 'Why a request was refused or a task ended.' });
export type Reason = z.infer<typeof Reason>;
