import type { ApprovalDecision, ApprovalKind } from '@it0/contracts/chat-event';

/** What somebody decides about. */
export type Question = {
  kind?: ApprovalKind;
  command: string;
  cwd?: string;
  environment?: string[];
  warning?: string;
  allowedDecisions: ApprovalDecision[];
};

/** A decision about one question says nothing about another one. */
export const isSameQuestion = (one: Question, other: Question) => textOf(one) === textOf(other);

const textOf = ({ kind = 'exec', command, cwd, environment = [], warning, allowedDecisions }: Question) =>
  JSON.stringify([kind, command, cwd ?? null, environment.toSorted(), warning ?? null, allowedDecisions.toSorted()]);
