import { z } from 'zod';
import { REQUEST_REASONS, TASK_REASONS } from './reason-names.ts';

/** Reasons for which a request is refused. Closed list; each has one HTTP status, see `Callback` for two exceptions. */
export const RequestReason = z.enum(REQUEST_REASONS);
RequestReason.register(z.globalRegistry, { id: 'RequestReason', description: 'Why a request was refused.' });
export type RequestReason = z.infer<typeof RequestReason>;

/** Reasons for which a task ends without success. Closed list; some are also reasons of requests. */
export const TaskReason = z.enum(TASK_REASONS);
export type TaskReason = z.infer<typeof TaskReason>;

/** Reason of a refused request or an ended task. Clients switch on it and translate it, and never parse a message. */
export const Reason = z.enum([...REQUEST_REASONS, ...TASK_REASONS]);
Reason.register(z.globalRegistry, { id: 'Reason', description: 'Why a request was refused or a task ended.' });
export type Reason = z.infer<typeof Reason>;
