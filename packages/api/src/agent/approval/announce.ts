import { approvalChannel } from '@it0/bus/bus';
import type { CallbackAck } from '@it0/contracts/bridge';
import type { ApprovalDecision, ApprovalStatus, DurableEvent } from '@it0/contracts/chat-event';
import type { Services } from '../../context.ts';

type Task = { tenantId: string; sessionId: string; taskId: string };

/** What waits in a tenant has changed: whoever has the list of it looks again. */
export const announceWaiting = ({ bus }: Pick<Services, 'bus'>, tenantId: string) =>
  bus.publish(approvalChannel(tenantId), []);

/** What follows the commit of what a bridge reported: what a rule decided is brought there, and what waits is told. */
export function announceApprovals(services: Services, task: Task, events: Iterable<DurableEvent>) {
  const { tenantId, sessionId, taskId } = task;
  const told = [...events].filter((event) => event.type === 'approval');
  const [ruled, others] = [told.filter(isRuled), told.filter((event) => !isRuled(event))];
  for (const { approvalId, status } of ruled)
    services.log.info({ tenantId, sessionId, taskId, approvalId, status }, 'a rule decided about a command');
  if (ruled.length > 0) services.dispatcher.wake(task);
  if (others.length > 0) announceWaiting(services, tenantId);
}

/** Lists the decisions of rules about approvals that a bridge has just reported; undefined when there are none. */
export function listDecisions(events: Iterable<DurableEvent>): CallbackAck['decisions'] {
  const decisions = [...events].flatMap((event) =>
    event.type === 'approval' && isRuled(event)
      ? [{ approvalId: event.approvalId, decision: decisionOf(event.status) }]
      : [],
  );
  return decisions.length > 0 ? decisions : undefined;
}

const decisionOf = (status: ApprovalStatus): ApprovalDecision => (status === 'DENIED' ? 'deny' : 'allow-once');
const isRuled = (event: { decidedByRule?: string | null }) => typeof event.decidedByRule === 'string';
