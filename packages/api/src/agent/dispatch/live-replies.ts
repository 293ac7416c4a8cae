import { applyTextDelta } from '@it0/contracts/reply';
import { isMissing } from '@it0/db/schema-state';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { createTenantBatcher } from '../../batcher.ts';
import { tenantTables } from '../task/event-log.ts';
import { openStatuses } from '../task/task.ts';
import type { TaskKey } from './dispatcher.ts';

type LiveReply = TaskKey & { lastN: number; text: string; saved: boolean; lastSeenAt: number; readAt: number };

const keyOf = ({ tenantId, taskId }: TaskKey) => `${tenantId}/${taskId}`;

const SAVE_EVERY_MS = 1_000;
const FORGET_AFTER_MS = 90_000;
/** How soon it is noticed that another server has ended a task. */
const FRESH_MS = 3_000;

/**
 * The text so far of the replies whose callbacks come to this server. It is written to the task rows at most once a
 * second, one statement for all tasks of a tenant, so a killed server loses no more than a second of a partial reply.
 */
export function createLiveReplies({ pool, log }: { pool: Pool; log: Logger }) {
  const replies = new Map<string, LiveReply>();
  let saving = Promise.resolve();

  async function save() {
    const unsaved = new Map<string, { ids: string[]; texts: string[] }>();
    for (const [key, reply] of replies) {
      if (performance.now() - reply.lastSeenAt > FORGET_AFTER_MS) replies.delete(key);
      if (reply.saved) continue;
      reply.saved = true;
      const tenant = unsaved.get(reply.tenantId) ?? { ids: [], texts: [] };
      unsaved.set(reply.tenantId, tenant);
      tenant.ids.push(reply.taskId);
      tenant.texts.push(reply.text);
    }
    for (const [tenantId, { ids, texts }] of unsaved) {
      await pool
        .query(
          `UPDATE ${tenantTables(tenantId)}."AgentTask" t SET "text" = v."text"
           FROM unnest($1::uuid[], $2::text[]) v("id", "text") WHERE t."id" = v."id" AND t."status"::text = ANY($3)`,
          [ids, texts, openStatuses],
        )
        .catch((error: unknown) => {
          // The tenant is gone, or will be asked for again by the next callback.
          const keys = ids.map((taskId) => keyOf({ tenantId, taskId }));
          if (isMissing(error)) return keys.forEach((key) => void replies.delete(key));
          for (const key of keys) if (replies.has(key)) replies.get(key)!.saved = false;
          log.warn({ err: error, tenantId }, 'partial replies were not saved; trying again');
        });
    }
  }
  const find = createTenantBatcher<string, { text: string; lastN: number } | undefined>({
    async runBatch(tenantId, ids) {
      const { rows } = await pool.query<{ id: string; text: string; lastN: number }>({
        name: `find-tasks:${tenantId}`,
        text: `SELECT "id", "text", "lastN" FROM ${tenantTables(tenantId)}."AgentTask"
               WHERE "id" = ANY($1) AND "status"::text = ANY($2)`,
        values: [ids, openStatuses],
      });
      const tasks = new Map(rows.map(({ id, ...task }) => [id, task]));
      return ids.map((id) => tasks.get(id));
    },
  });
  function isFollowed(task: TaskKey): boolean {
    const known = replies.get(keyOf(task));
    return known !== undefined && performance.now() - known.readAt < FRESH_MS;
  }
  const timer = setInterval(() => {
    saving = saving.then(save);
  }, SAVE_EVERY_MS);

  return {
    find: (task: TaskKey): Readonly<LiveReply> | undefined => replies.get(keyOf(task)),
    /** The text so far: what came here, or what another server wrote to the task's row since. */
    textOf({ text, ...task }: TaskKey & { text: string }): string {
      const own = replies.get(keyOf(task))?.text ?? '';
      return own.length < text.length ? text : own;
    },
    /** Whether it was seen a moment ago that the task goes on. */
    isFollowed,
    /** Whether the task goes on. Its row is read with the first of its callbacks that comes here, and now and again. */
    async follow({ tenantId, taskId }: TaskKey): Promise<boolean> {
      if (isFollowed({ tenantId, taskId })) return true;
      const key = keyOf({ tenantId, taskId });
      const task = await find(tenantId, taskId);
      if (!task) {
        replies.delete(key);
        return false;
      }
      const reply = replies.get(key) ?? {
        ...{ ...task, tenantId, taskId },
        ...{ saved: true, lastSeenAt: performance.now(), readAt: 0 },
      };
      reply.readAt = performance.now();
      replies.set(key, reply);
      return true;
    },
    /** The task's row was changed a moment ago, so it is not over. False when the task is not followed. */
    confirm(task: TaskKey): boolean {
      const reply = replies.get(keyOf(task));
      if (reply) reply.readAt = performance.now();
      return reply !== undefined;
    },
    /** Its bridge is alive, and the log has its reports up to `lastN`. */
    heard(task: TaskKey, lastN = 0) {
      const reply = replies.get(keyOf(task));
      if (!reply) return;
      reply.lastSeenAt = performance.now();
      reply.lastN = Math.max(reply.lastN, lastN);
    },
    /** Takes pieces of text. False when text before one of them is missing here. */
    write(task: TaskKey, pieces: { offset: number; delta: string }[]): boolean {
      const reply = replies.get(keyOf(task));
      if (!reply) return false;
      let complete = true;
      for (const { offset, delta } of pieces) {
        const text = applyTextDelta(reply.text, offset, delta);
        if (text === null) complete = false;
        else if (text !== reply.text) {
          reply.text = text;
          reply.saved = false;
        }
      }
      return complete;
    },
    forget: (task: TaskKey) => void replies.delete(keyOf(task)),
    async close() {
      clearInterval(timer);
      await saving;
      await save();
    },
  };
}
export type LiveReplies = ReturnType<typeof createLiveReplies>;
