import { type ApprovalQuestion, approvalQuestion } from '@it0/contracts/chat-event';

/** What somebody decides about. */
export type ApprovalRequest = ApprovalQuestion & { digest?: string };

/** A decision about one question says nothing about another one. */
export const isSameRequest = (one: ApprovalRequest, other: ApprovalRequest) =>
  approvalQuestion(one) === approvalQuestion(other);
