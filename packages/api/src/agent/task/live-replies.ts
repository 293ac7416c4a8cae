import { writeText } from '@it0/contracts/reply';
import { isMissing } from '@it0/db/schema-state';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { inTenantBatches } from '../../in-batches.ts';
import { tenantTables } from './event-log.ts';
import { running } from './task.ts';

type LiveReply = { tenantId: string; lastN: number; text: string; saved: boolean; heardAt: number; readAt: number };

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
    for (const [taskId, reply] of replies) {
      if (performance.now() - reply.heardAt > FORGET_AFTER_MS) replies.delete(taskId);
      if (reply.saved) continue;
      reply.saved = true;
      const tenant = unsaved.get(reply.tenantId) ?? { ids: [], texts: [] };
      unsaved.set(reply.tenantId, tenant);
      tenant.ids.push(taskId);
      tenant.texts.push(reply.text);
    }
    for (const [tenantId, { ids, texts }] of unsaved) {
      await pool
        .query(
          `UPDATE ${tenantTables(tenantId)}."AgentTask" t SET "text" = v."text"
           FROM unnest($1::uuid[], $2::text[]) v("id", "text") WHERE t."id" = v."id" AND t."status"::text = ANY($3)`,
          [ids, texts, running],
        )
        .catch((error: unknown) => {
          // The tenant is gone, or will be asked for again by the next callback.
          if (isMissing(error)) return ids.forEach((id) => void replies.delete(id));
          for (const id of ids) if (replies.has(id)) replies.get(id)!.saved = false;
          log.warn({ err: error, tenantId }, 'partial replies were not saved; trying again');
        });
    }
  }
  const find = inTenantBatches<string, { text: string; lastN: number } | undefined>({
    async ask(tenantId, ids) {
      const { rows } = await pool.query<{ id: string; text: string; lastN: number }>({
        name: `find-tasks:${tenantId}`,
        text: `SELECT "id", "text", "lastN" FROM ${tenantTables(tenantId)}."AgentTask"
               WHERE "id" = ANY($1) AND "status"::text = ANY($2)`,
        values: [ids, running],
      });
      const tasks = new Map(rows.map(({ id, ...task }) => [id, task]));
      return ids.map((id) => tasks.get(id));
    },
  });
  function isFollowed(taskId: string): boolean {
    const known = replies.get(taskId);
    return known !== undefined && performance.now() - known.readAt < FRESH_MS;
  }
  const timer = setInterval(() => {
    saving = saving.then(save);
  }, SAVE_EVERY_MS);

  return {
    find: (taskId: string): Readonly<LiveReply> | undefined => replies.get(taskId),
    /** The text so far: what came here, or what another server wrote to the task's row since. */
    textOf({ id, text }: { id: string; text: string }): string {
      const own = replies.get(id)?.text ?? '';
      return own.length < text.length ? text : own;
    },
    /** Whether it was seen a moment ago that the task goes on. */
    isFollowed,
    /** Whether the task goes on. Its row is read with the first of its callbacks that comes here, and now and again. */
    async follow(tenantId: string, taskId: string): Promise<boolean> {
      if (isFollowed(taskId)) return true;
      const task = await find(tenantId, taskId);
      if (!task) {
        replies.delete(taskId);
        return false;
      }
      const reply = replies.get(taskId) ?? { ...task, tenantId, saved: true, heardAt: performance.now(), readAt: 0 };
      reply.readAt = performance.now();
      replies.set(taskId, reply);
      return true;
    },
    /** The task's row was changed a moment ago, so it is not over. False when the task is not followed. */
    confirm(taskId: string): boolean {
      const reply = replies.get(taskId);
      if (reply) reply.readAt = performance.now();
      return reply !== undefined;
    },
    /** Its bridge is alive, and the log has its reports up to `lastN`. */
    heard(taskId: string, lastN = 0) {
      const reply = replies.get(taskId);
      if (!reply) return;
      reply.heardAt = performance.now();
      reply.lastN = Math.max(reply.lastN, lastN);
    },
    /** Takes pieces of text. False when text before one of them is missing here. */
    write(taskId: string, pieces: { offset: number; delta: string }[]): boolean {
      const reply = replies.get(taskId);
      if (!reply) return false;
      let complete = true;
      for (const { offset, delta } of pieces) {
        const text = writeText(reply.text, offset, delta);
        if (text === null) complete = false;
        else if (text !== reply.text) {
          reply.text = text;
          reply.saved = false;
        }
      }
      return complete;
    },
    forget: (taskId: string) => void replies.delete(taskId),
    async close() {
      clearInterval(timer);
      await saving;
      await save();
    },
  };
}
export type LiveReplies = ReturnType<typeof createLiveReplies>;
