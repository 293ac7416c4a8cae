import { createHash } from 'node:crypto';
import { type ApprovalQuestion, serializeApprovalQuestion, serializeApprovalSubject } from '@it0/contracts/chat-event';

/** What somebody decides about. */
export type ApprovalRequest = ApprovalQuestion & { digest?: string };

/** A decision about one question says nothing about another one. */
export const isSameRequest = (one: ApprovalRequest, other: ApprovalRequest) =>
  serializeApprovalQuestion(one) === serializeApprovalQuestion(other);

/** Returns the digest of what is decided about, as in reports of bridges. */
export const digestSubject = (asked: Parameters<typeof serializeApprovalSubject>[0]) =>
  createHash('sha256').update(serializeApprovalSubject(asked)).digest('hex');
