import { toSessionChannel } from '@it0/bus/bus';
import type { Attachment } from '@it0/contracts/attachment';
import { Id } from '@it0/contracts/ids';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import type { AttachmentPart } from '@it0/contracts/message';
import { count } from '@it0/contracts/number';
import { text } from '@it0/contracts/text';
import { DatabaseError } from 'pg';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import type { UserContext } from '../../core.ts';
import { AppError } from '../../errors.ts';
import type { AgentContext } from '../agent-services.ts';
import { attachmentNotFound, requireUnsentAttachments } from '../attachment/attachment.ts';
import { findFork } from '../branch/branch.ts';
import { notifyDraft } from '../draft/draft.ts';
import { instanceNotFound } from '../instance/instance.ts';
import { toMessageTerms, toTerms } from '../search/terms.ts';
import { sessionNotFound } from '../session/session.ts';
import { toTitle } from '../session/title.ts';
import { toDurableEvent } from './event-log.ts';
import type { NewEvent } from './task.ts';
import type { WriteResult } from './task-writer.ts';

/** A message for an instance. */
export const CreateTask = z
  .object({
    instanceId: Id,
    sessionId: Id.optional().describe('The session to continue. Without it, a new one is created.'),
    message: text(limits.message).refine(isVisible, 'Enter a message.'),
    requestId: Id.describe('Idempotency key, chosen by the client: a repeated request returns the first one’s task.'),
    attachmentIds: z
      .array(Id)
      .max(limits.attachments)
      .refine((ids) => new Set(ids).size === ids.length, 'List each file only once.')
      .optional()
      .describe('Files that the same person uploaded before and has not sent with another message.'),
    versionOf: Id.optional().describe(
      'The task of an earlier message of the session. This message is another version of it: it follows the same messages, begins a branch, and the agent does not see what came after.',
    ),
    branch: count()
      .optional()
      .describe('The branch to continue. Defaults to the selected one. Ignored with `versionOf`.'),
    draftRevision: count()
      .optional()
      .describe('The revision of the draft that is sent, which is deleted with that unless it has changed since.'),
  })
  .meta({ examples: [{ message: 'How full are the disks?', requestId: '01990000-0000-7000-8000-00000000000a' }] });
export type CreateTask = z.infer<typeof CreateTask>;

/** The input of `assistant.createTask`. */
export const AskAssistant = CreateTask.omit({ instanceId: true }).meta({
  examples: [{ message: 'Which instance is idle?', requestId: '01990000-0000-7000-8000-00000000000a' }],
});

/** The ids of a created task and its session, and the branch of the session that the message continues. */
export const CreatedTask = z.object({ sessionId: Id, taskId: Id, branch: z.int() }).meta({ id: 'CreatedTask' });
export type CreatedTask = z.infer<typeof CreatedTask>;

/** A message for an instance, or for iAgent when `instanceId` is null. */
type MessageInput = Omit<CreateTask, 'instanceId'> & { instanceId: string | null };

/**
 * Creates a task from a message for an agent. Resolves once it is committed; the dispatcher submits it to the agent
 * afterwards. A repeated `requestId` returns the original task. Throws INSTANCE_NOT_FOUND, INSTANCE_NOT_RUNNING,
 * ASSISTANT_NOT_RUNNING, SESSION_NOT_FOUND, TASK_NOT_FOUND for `versionOf`, ATTACHMENT_NOT_FOUND,
 * ATTACHMENT_TOO_LARGE or TOO_MANY_REQUESTS.
 */
export async function createTask(ctx: AgentContext, input: MessageInput): Promise<CreatedTask> {
  const { tenantId, id: ownerId, role } = ctx.user;
  await ctx.rateLimits.createTask(ownerId);
  const [taskId, messageId] = [newId(), newId()];
  const { sessionId: resumedId, instanceId, requestId, message, attachmentIds = [], versionOf, branch } = input;
  let created: WriteResult;
  let events: NewEvent[];
  try {
    const attachments = attachmentIds.length > 0 ? await requireUnsentAttachments(ctx, attachmentIds) : undefined;
    const fork = versionOf ? await findFork(ctx, { sessionId: resumedId, instanceId, versionOf }) : undefined;
    events = [
      { type: 'message', messageId, requestId, text: message, attachments, versionOf: fork?.originalTaskId },
      { type: 'task', status: 'QUEUED' },
    ];
    const title = toTitle(message);
    const parts = [{ type: 'text', text: message } as const, ...(attachments ?? []).map(toPart)];
    created = await ctx.writeTask(tenantId, {
      ownerId,
      role,
      instanceId,
      taskId,
      requestId,
      message,
      messageId,
      terms: toMessageTerms(parts),
      events,
      sessionId: resumedId ?? null,
      newSessionId: newId(),
      ...{ title, titleTerms: toTerms(title) },
      draftRevision: input.draftRevision,
      ...(attachments && { attachmentIds, attachmentParts: attachments.map(toPart) }),
      ...(fork ? { fork } : { toBranch: branch }),
    });
    if (created?.hasAllAttachments === false) throw attachmentNotFound();
  } catch (error) {
    const original = mayBeRepeat(error) && (await findByRequest(ctx, requestId));
    if (original) return original;
    throw error;
  }
  if (!created && instanceId) throw instanceNotFound();
  if (created?.agentStatus !== 'RUNNING') throw instanceId ? instanceNotRunning() : assistantNotRunning();
  if (!created.sessionId) throw sessionNotFound();

  const { sessionId, at } = created;
  const first = Number(created.seq) - events.length + 1;
  ctx.bus.publish(
    toSessionChannel(tenantId, sessionId),
    withBranch(events, created.branch).map((event, index) => toDurableEvent(event, { seq: first + index, at, taskId })),
  );
  if (input.draftRevision !== undefined) notifyDraft(ctx);
  ctx.dispatcher.wake({ tenantId, taskId });
  ctx.log.info({ tenantId, sessionId, taskId }, 'a task was created');
  return { sessionId, taskId, branch: created.branch };
}

/** Adds the branch to the message, as the statement does. */
const withBranch = (events: NewEvent[], branch: number) =>
  branch === 0 ? events : events.map((event) => (event.type === 'message' ? { ...event, branch } : event));

const instanceNotRunning = () =>
  new AppError('INSTANCE_NOT_RUNNING', 'The instance is not running, so it cannot receive messages.');
const assistantNotRunning = () =>
  new AppError('ASSISTANT_NOT_RUNNING', 'iAgent is not running, so it cannot receive messages.');

const toPart = (attachment: Attachment): AttachmentPart => ({ type: 'attachment', ...attachment });

/** Returns whether the request may be a retry. On a retry, the attachments are already bound to the original task. */
const mayBeRepeat = (error: unknown) =>
  (error instanceof DatabaseError &&
    error.code === '23505' &&
    error.constraint === 'AgentTask_ownerId_requestId_key') ||
  (error instanceof AppError && error.reason === 'ATTACHMENT_NOT_FOUND');

async function findByRequest({ db, user }: UserContext, requestId: string) {
  const task = await db.tenant(user.tenantId).agentTask.findUnique({
    where: { ownerId_requestId: { ownerId: user.id, requestId } },
    select: { id: true, sessionId: true, branch: true },
  });
  return task && { sessionId: task.sessionId, taskId: task.id, branch: task.branch };
}
