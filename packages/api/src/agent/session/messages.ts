import { Id } from '@it0/contracts/ids';
import { Message, Reply } from '@it0/contracts/message';
import { count } from '@it0/contracts/number';
import { createReply, reduceReply } from '@it0/contracts/reply';
import { quoteTenantSchema } from '@it0/db/sql';
import { z } from 'zod';
import type { AgentContext } from '../agent-services.ts';
import { findBranch } from '../branch/find-branch.ts';
import { Draft } from '../draft/draft.ts';
import { toDurableEvent } from '../task/event-log.ts';
import {
  type HistoryRow,
  type MessageRow,
  READ_AROUND,
  READ_NEWER,
  READ_OLDER,
  type SessionSummary,
} from './messages.sql.ts';
import { sessionNotFound } from './session.ts';

/** Input of `session.messages`: the latest page, or the one before or after `cursor`, `around` a message or `at` a time. */
export const ListMessages = z.object({
  sessionId: Id,
  cursor: z
    .string()
    .regex(/^\d{1,18}[qa]$/i)
    .optional()
    .describe('The `nextCursor` of an earlier page, or its `newerCursor` with the direction `newer`.'),
  direction: z.enum(['older', 'newer']).optional().describe('The direction from `cursor`. Defaults to `older`.'),
  around: Id.optional().describe('Id of a message or task. The page has it in its middle. Ignored with `cursor`.'),
  at: z.iso
    .datetime()
    .optional()
    .describe('The page has the first message from this time in its middle. Ignored with `cursor` or `around`.'),
  branch: count()
    .optional()
    .describe('The branch to read. Defaults to the one of `branchOf` or `around`, else to the selected one.'),
  branchOf: Id.optional().describe(
    'Id of a message or task: reads the selected branch if it has the message, else the latest of those that do.',
  ),
  limit: z.int().min(1).max(200).default(50),
});

/** A page of messages, with the partial replies and the `seq` at which live events continue. */
export const History = z
  .object({
    instanceId: Id.nullable().describe('The instance of the session; null for iAgent.'),
    title: z.string().describe('The title of the session.'),
    mine: z.boolean().describe('Whether the caller owns the session. Other sessions are read-only.'),
    messages: z.array(Message).describe('The messages of the page, oldest first.'),
    replies: z.array(Reply).describe('The partial replies of tasks that have not ended, in the order of the tasks.'),
    otherReplies: z.array(Reply).describe('The partial replies of such tasks whose messages are in other branches.'),
    branch: z.int().describe('The branch of the page. Each further version of a message begins one; the first is 0.'),
    selectedBranch: z.int().describe('The branch that is shown first, and that the next message continues.'),
    draft: Draft.nullable().describe('The message that the caller is writing; null if there has been none.'),
    seq: z.int().describe('The last event that is included. Pass it to the event stream to continue from there.'),
    nextCursor: z.string().nullable().describe('Cursor of the page with older messages; null on the last one.'),
    newerCursor: z
      .string()
      .nullable()
      .describe('Cursor of the page with newer messages, with `direction: newer`; null on the latest page.'),
    anchor: Id.nullable().describe(
      'The task of the message that `around` or `at` found. Null if there is none: the page is then the latest one.',
    ),
  })
  .meta({ id: 'History', description: 'A page of the messages of a session.' });
export type History = z.infer<typeof History>;

type Input = z.infer<typeof ListMessages>;

/**
 * Reads a page of messages, with the partial replies and the `seq` at which both are current. It is one statement, so
 * that all parts are from one snapshot. Throws SESSION_NOT_FOUND.
 */
export async function listMessages(ctx: AgentContext, input: Input): Promise<History> {
  const rows = await readRows(ctx, input);
  const session = rows[0]?.session;
  if (!session) throw sessionNotFound();

  const { page, hasOlder, hasNewer } = toPage(
    rows.filter((row) => row.id !== null),
    input,
  );
  const tasks = readOpenTasks(ctx, session);
  return {
    instanceId: session.instanceId,
    title: session.title,
    mine: session.ownerId === ctx.user.id,
    messages: page.map(toMessage),
    replies: tasks.filter(({ isShown }) => isShown).map(({ reply }) => reply),
    otherReplies: tasks.filter(({ isShown }) => !isShown).map(({ reply }) => reply),
    branch: session.branch,
    selectedBranch: session.selectedBranch,
    draft: session.draft,
    seq: session.upTo,
    nextCursor: hasOlder ? toCursor(page[0]) : null,
    newerCursor: hasNewer ? toCursor(page.at(-1)) : null,
    anchor: page.find((row) => row.isAnchor)?.taskId ?? null,
  };
}

/** Returns the partial replies of the open tasks, and whether their messages are in the branch that is read. */
function readOpenTasks({ live, user: { tenantId } }: AgentContext, { tasks, events, segments }: SessionSummary) {
  return (tasks ?? []).map((task) => {
    const ofTask = (events ?? []).filter((event) => event.taskId === task.id);
    const reply = ofTask
      .map((event) => toDurableEvent(event.payload, { ...event, at: new Date(event.createdAt) }))
      .reduce(reduceReply, createReply(task.id));
    const seq = ofTask.findLast(({ payload }) => payload.type === 'message')?.seq ?? 0;
    return {
      reply: { ...reply, text: live.latestText({ tenantId, taskId: task.id, text: task.text }) },
      isShown: segments.some(({ branch, before }) => branch === task.branch && seq < before),
    };
  });
}

async function readRows(ctx: AgentContext, input: Input): Promise<HistoryRow[]> {
  const { db, user } = ctx;
  const { tenantId, id: userId, role } = user;
  const { sessionId, cursor, around = null, at = null, limit } = input;
  const id = input.branchOf ?? (cursor ? null : around);
  const branch = input.branch ?? (id && (await findBranch(ctx, { sessionId, id })));
  const schema = quoteTenantSchema(tenantId);
  if (!cursor && (around || at)) {
    const values = [sessionId, userId, around, around ? null : at, toHalf(limit) + 1, role, branch];
    return (await db.pool.query({ name: `history-around:${tenantId}`, text: READ_AROUND(schema), values })).rows;
  }
  const position = cursor ? [cursor.slice(0, -1), /a$/i.test(cursor)] : [null, false];
  const values = [sessionId, userId, ...position, limit + 1, role, branch];
  const isNewer = cursor && input.direction === 'newer';
  const statement = isNewer
    ? { name: `history-newer:${tenantId}`, text: READ_NEWER(schema) }
    : { name: `history:${tenantId}`, text: READ_OLDER(schema) };
  return (await db.pool.query({ ...statement, values })).rows;
}

/** Returns the size of each half of a page around a message. */
const toHalf = (limit: number) => Math.ceil(limit / 2);

/** Sorts the rows, and cuts those that were only read to find out whether there is another page. */
function toPage(rows: MessageRow[], { cursor, direction, around, at, limit }: Input) {
  if (cursor && direction === 'newer')
    return { page: rows.slice(0, limit), hasOlder: true, hasNewer: rows.length > limit };
  if (cursor || !(around || at))
    return { ...startWithTurn(rows.slice(0, limit).reverse(), rows.length > limit), hasNewer: cursor !== undefined };
  const half = toHalf(limit);
  // The anchor is the last of the first half.
  const first = rows.filter((row) => !row.isAfter);
  const second = rows.filter((row) => row.isAfter);
  const page = [...first.slice(0, half).reverse(), ...second.slice(0, half)];
  return { ...startWithTurn(page, first.length > half), hasNewer: second.length > half };
}

/**
 * Leaves a reply at the start of a page to the older page, which has its message: a turn that gets its message later
 * would move what the reader sees.
 */
function startWithTurn(page: MessageRow[], hasOlder: boolean) {
  const isReply = page[0]?.role === 'ASSISTANT' && !page[0].isAnchor;
  return { page: hasOlder && isReply && page.length > 1 ? page.slice(1) : page, hasOlder };
}

const toCursor = (row: MessageRow | undefined) => (row ? `${row.seq}${row.role === 'ASSISTANT' ? 'a' : 'q'}` : null);

const toMessage = (row: MessageRow): Message => {
  const { id, role, taskId, requestId, parts, status, reason, detail, late, usage, versions, createdAt } = row;
  const isUser = role === 'USER';
  return {
    id,
    role: isUser ? 'user' : 'assistant',
    taskId,
    requestId,
    parts,
    status,
    reason,
    detail,
    late,
    usage,
    versions,
    createdAt,
  };
};
