import type { Reason } from '@it0/contracts/reasons';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { AppError } from '../errors.ts';

/** What any procedure may answer instead. */
const everywhere: Reason[] = [
  'NOT_SIGNED_IN',
  'FORBIDDEN',
  'NO_TENANT',
  'TOO_MANY_REQUESTS',
  'ORIGIN_REFUSED',
  'TENANT_UNAVAILABLE',
  'INTERNAL',
];

const statusOf = (reason: Reason) => getHTTPStatusCodeFromError(new AppError(reason, ''));

/** How an operation refuses, by status: its own reasons, and those that it has because it takes something. */
export function errorResponses(own: Reason[], takes: { input: boolean; body: boolean }) {
  const reasons = [...new Set([...everywhere, ...own])];
  if (takes.input) reasons.push('INVALID_INPUT');
  if (takes.body) reasons.push('BODY_TOO_LARGE');
  const byStatus = Object.groupBy(reasons, statusOf);
  // A body that is not JSON.
  if (takes.body) byStatus[415] = ['INVALID_INPUT'];
  return Object.fromEntries(Object.entries(byStatus).map(([status, those]) => [status, refusal(those!)]));
}

const isTransient = (reason: Reason) => reason === 'TOO_MANY_REQUESTS' || reason === 'TENANT_UNAVAILABLE';

const refusal = (reasons: Reason[]) => ({
  description: reasons.join(', '),
  ...(reasons.some(isTransient) && {
    headers: { 'Retry-After': { description: 'In how many seconds.', schema: { type: 'integer' } } },
  }),
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
});
