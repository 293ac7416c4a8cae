import { type ApprovalDecision, type ApprovalKind, approvalSubject } from '@it0/contracts/chat-event';

/** What somebody decides about. */
export type Question = {
  kind?: ApprovalKind;
  command: string;
  cwd?: string;
  content?: string;
  digest?: string;
  agentConfiguration?: boolean;
  warning?: string;
  allowedDecisions: ApprovalDecision[];
};

/** A decision about one question says nothing about another one. */
export const isSameQuestion = (one: Question, other: Question) => textOf(one) === textOf(other);

const textOf = ({ agentConfiguration = false, warning, allowedDecisions, ...subject }: Question) =>
  JSON.stringify([approvalSubject(subject), agentConfiguration, warning ?? null, allowedDecisions.toSorted()]);
