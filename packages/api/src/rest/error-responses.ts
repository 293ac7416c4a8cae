import type { RequestReason } from '@it0/contracts/reasons';
import { getHTTPStatusCodeFromError } from '@trpc/server/http';
import { AppError } from '../errors.ts';

/** Reasons that every procedure can respond with. */
const COMMON_REASONS: RequestReason[] = [
  'NOT_SIGNED_IN',
  'FORBIDDEN',
  'NO_TENANT',
  'TOO_MANY_REQUESTS',
  'ORIGIN_REFUSED',
  'TENANT_UNAVAILABLE',
  'INTERNAL',
];

const toStatus = (reason: RequestReason) => getHTTPStatusCodeFromError(new AppError(reason, ''));

/** Returns the error responses of an operation by status: its own reasons, the common ones, and those of its input. */
export function errorResponses(ownReasons: RequestReason[], accepts: { input: boolean; body: boolean }) {
  const reasons = [...new Set([...COMMON_REASONS, ...ownReasons])];
  if (accepts.input) reasons.push('INVALID_INPUT');
  if (accepts.body) reasons.push('BODY_TOO_LARGE');
  const byStatus = Object.groupBy(reasons, toStatus);
  // A body that is not JSON.
  if (accepts.body) byStatus[415] = ['INVALID_INPUT'];
  return Object.fromEntries(Object.entries(byStatus).map(([status, group]) => [status, toResponse(group!)]));
}

const isTransient = (reason: RequestReason) => reason === 'TOO_MANY_REQUESTS' || reason === 'TENANT_UNAVAILABLE';

const toResponse = (reasons: RequestReason[]) => ({
  description: reasons.join(', '),
  ...(reasons.some(isTransient) && {
    headers: { 'Retry-After': { description: 'Seconds until the request may succeed.', schema: { type: 'integer' } } },
  }),
  content: { 'application/json': { schema: { $ref: '#/components/schemas/Failure' } } },
});
