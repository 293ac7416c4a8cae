import { type ApprovalQuestion, approvalQuestion } from '@it0/contracts/chat-event';

/** What somebody decides about. */
export type Question = ApprovalQuestion & { digest?: string };

/** A decision about one question says nothing about another one. */
export const isSameQuestion = (one: Question, other: Question) => approvalQuestion(one) === approvalQuestion(other);
