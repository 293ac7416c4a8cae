import { createHash } from 'node:crypto';
import { type ApprovalRequest, serializeApprovalRequest, serializeApprovalSubject } from '@it0/contracts/chat-event';

/** Returns whether both are the same request. A decision about one request does not apply to another. */
export const isSameRequest = (one: ApprovalRequest, other: ApprovalRequest) =>
  serializeApprovalRequest(one) === serializeApprovalRequest(other);

/** Returns the SHA-256 of the subject of a request in hex, as bridges report it. */
export const digestSubject = (request: Parameters<typeof serializeApprovalSubject>[0]) =>
  createHash('sha256').update(serializeApprovalSubject(request)).digest('hex');
