import { toApprovalsChannel } from '@it0/bus/bus';
import type { CallbackAck } from '@it0/contracts/bridge';
import type { ApprovalDecision, ApprovalStatus, DurableEvent } from '@it0/contracts/chat-event';
import type { Core } from '../../core.ts';
import type { AgentServices } from '../agent-services.ts';

type Task = { tenantId: string; sessionId: string; taskId: string };

/** Announces that the pending approvals of a tenant changed, so that open lists of them are read again. */
export const notifyPending = ({ bus }: Core, tenantId: string) => bus.publish(toApprovalsChannel(tenantId), []);

/** Delivers decisions by rules, and announces new and decided approvals. Runs after the commit of a bridge's report. */
export function notifyApprovals(services: AgentServices, task: Task, events: Iterable<DurableEvent>) {
  const { tenantId, sessionId, taskId } = task;
  const approvals = [...events].filter((event) => event.type === 'approval');
  const decided = approvals.filter(isDecidedByRule);
  for (const { approvalId, status } of decided)
    services.log.info({ tenantId, sessionId, taskId, approvalId, status }, 'a rule decided an approval');
  if (decided.length > 0) services.dispatcher.wake(task);
  if (approvals.length > decided.length) notifyPending(services, tenantId);
}

/** Lists the decisions of rules about approvals that a bridge has just reported; undefined when there are none. */
export function listDecisions(events: Iterable<DurableEvent>): CallbackAck['decisions'] {
  const decisions = [...events].flatMap((event) =>
    event.type === 'approval' && isDecidedByRule(event)
      ? [{ approvalId: event.approvalId, decision: toDecision(event.status) }]
      : [],
  );
  return decisions.length > 0 ? decisions : undefined;
}

const toDecision = (status: ApprovalStatus): ApprovalDecision => (status === 'DENIED' ? 'deny' : 'allow-once');
const isDecidedByRule = (event: { decidedByRule?: string | null }) => typeof event.decidedByRule === 'string';
