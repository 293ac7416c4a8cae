import { randomUUID } from 'node:crypto';
import type { DurableEvent } from '@it0/contracts/chat-event';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import type { HostileCall } from './hostile-model.ts';
import type { Victim, World } from './world.ts';

export type Approval = Extract<DurableEvent, { type: 'approval' }>;

/** The longest time between two events of a session, on a busy machine. */
const EVENT_TIMEOUT_MS = 240_000;

type Options = {
  calls: HostileCall[];
  /** A separate message that is sent before. */
  messageBefore?: string;
  /** Text at the beginning of the message to the agent. */
  prefix?: string;
  client?: World['client'];
  /** Receives each status of an approval. Returns the decision about a pending one. */
  onApproval(approval: Approval): 'allow-once' | 'deny';
};

/**
 * Sends a message to an instance, whose model makes the calls one after the other. Resolves when its task has ended.
 */
export async function converse({ model, ...world }: World, { instanceId }: Victim, options: Options) {
  const { calls, messageBefore, prefix = '', client = world.client, onApproval } = options;
  const { message, script } = model.addScript(calls);
  const send = (message: string, sessionId?: string) =>
    client.instance.createTask.mutate({ instanceId, sessionId, requestId: randomUUID(), message });
  const before = messageBefore === undefined ? undefined : await send(messageBefore);
  const { sessionId, taskId } = await send(`${prefix}\n${message}`, before?.sessionId);
  using log = follow(client, sessionId);
  for (let seen = 0; ; ) {
    await until(() => log.errors.length > 0 || log.durable().length > seen, EVENT_TIMEOUT_MS);
    if (log.errors.length > 0) throw log.errors[0];
    const events = log.durable().slice(seen);
    seen += events.length;
    for (const event of events) if (event.type === 'approval') await decide(event);
    const isEnd = (event: DurableEvent) => event.type === 'completed' || event.type === 'error';
    if (events.some((event) => event.taskId === taskId && isEnd(event))) break;
  }
  return { events: log.durable(), results: script.results, prompt: script.prompt };

  async function decide(approval: Approval) {
    const decision = onApproval(approval);
    if (approval.status !== 'PENDING') return;
    const { approvalId, kind, command, cwd, content, agentConfiguration, warning, allowedDecisions } = approval;
    const seen = { kind, command, cwd, content, agentConfiguration, warning, allowedDecisions };
    await client.approval.resolve.mutate({ approvalId, decision, seen });
  }
}
