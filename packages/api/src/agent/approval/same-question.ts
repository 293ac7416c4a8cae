import { type ApprovalDecision, type ApprovalKind, approvalSubject } from '@it0/contracts/chat-event';

/** What somebody decides about. */
export type Question = {
  kind?: ApprovalKind;
  command: string;
  cwd?: string;
  digest?: string;
  agentConfiguration?: boolean;
  warning?: string;
  allowedDecisions: ApprovalDecision[];
};

/** A decision about one question says nothing about another one. */
export const isSameQuestion = (one: Question, other: Question) => textOf(one) === textOf(other);

const textOf = ({ kind, command, cwd, agentConfiguration = false, warning, allowedDecisions }: Question) =>
  JSON.stringify([
    approvalSubject({ kind, command, cwd }),
    agentConfiguration,
    warning ?? null,
    allowedDecisions.toSorted(),
  ]);
