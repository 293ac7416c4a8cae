import { rest } from '../../rest/rest.ts';
import { ResolvedApproval } from './approval.ts';
import { ApprovalLocation } from './find-approval.ts';
import { PendingApprovals } from './pending.ts';
import { ApprovalRules } from './rule.ts';

/** REST operations of the approval procedures. */
export const docs = {
  pending: rest('GET /agent/approvals/pending', {
    operationId: 'listPendingApprovals',
    summary: 'List the pending approvals of all agents you can see, oldest first',
    response: PendingApprovals,
  }),
  find: rest('GET /agent/approvals/{approvalId}', {
    operationId: 'findApproval',
    summary: 'Find the task of an approval, and whether it is decided',
    response: ApprovalLocation,
    errors: ['APPROVAL_NOT_FOUND'],
  }),
  resolve: rest('POST /agent/approvals/{approvalId}/resolve', {
    operationId: 'resolveApproval',
    summary: 'Allow or deny a pending approval',
    response: ResolvedApproval,
    description:
      'Pass the request as you saw it: when the approval asks for something else, the decision is rejected. The first decision is final; repeating it returns the same result.',
    errors: ['APPROVAL_NOT_FOUND', 'APPROVAL_CHANGED', 'APPROVAL_DECIDED', 'APPROVAL_EXPIRED', 'TASK_ENDED'],
  }),
  rules: rest('GET /agent/instances/{instanceId}/approval-rules', {
    operationId: 'listApprovalRules',
    summary: 'List the approval rules of an instance you own',
    response: ApprovalRules,
    description:
      'The first matching rule decides; when none matches, a person is asked. In an allow rule for commands, `*` matches one word or a part of one, and `**` matches the rest. A deny or ask rule applies to every spelling of what it names.',
    errors: ['INSTANCE_NOT_FOUND'],
  }),
  setRules: rest('PUT /agent/instances/{instanceId}/approval-rules', {
    operationId: 'setApprovalRules',
    summary: 'Replace the approval rules of an instance you own',
    response: ApprovalRules,
    description:
      'Send the revision of the list that you read. The request is rejected when the list has changed since.',
    errors: ['INSTANCE_NOT_FOUND', 'RULES_CHANGED'],
  }),
};
