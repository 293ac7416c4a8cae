import { applyTextDelta } from '@it0/contracts/reply';
import { isMissing } from '@it0/db/schema-state';
import { quoteTenantSchema, toLiterals } from '@it0/db/sql';
import { every } from '@it0/node/every';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { createTenantBatcher } from '../../batcher.ts';
import { OPEN_STATUSES } from '../task/task.ts';
import type { TaskKey } from './dispatch-table.ts';

type LiveReply = TaskKey & { lastN: number; text: string; saved: boolean; lastSeenAt: number; readAt: number };

const toKey = ({ tenantId, taskId }: TaskKey) => `${tenantId}/${taskId}`;

const SAVE_EVERY_MS = 1_000;
/** Time without a callback after which a reply is dropped. */
const DROP_AFTER_MS = 90_000;
/** Age at which a task's row is read again, since another server may have ended the task. */
const FRESH_MS = 3_000;

/**
 * Creates the store of the partial replies whose callbacks this server receives. Their text is saved to the task rows
 * once a second, in one statement per tenant, so a killed server loses at most a second of it.
 */
export function createLiveReplies({ pool, log }: { pool: Pool; log: Logger }) {
  const replies = new Map<string, LiveReply>();

  async function save() {
    const unsaved = new Map<string, { ids: string[]; texts: string[] }>();
    for (const [key, reply] of replies) {
      if (performance.now() - reply.lastSeenAt > DROP_AFTER_MS) replies.delete(key);
      if (reply.saved) continue;
      reply.saved = true;
      const batch = unsaved.get(reply.tenantId) ?? { ids: [], texts: [] };
      unsaved.set(reply.tenantId, batch);
      batch.ids.push(reply.taskId);
      batch.texts.push(reply.text);
    }
    for (const [tenantId, { ids, texts }] of unsaved) {
      await pool
        .query(
          `UPDATE ${quoteTenantSchema(tenantId)}."AgentTask" t SET "text" = v."text"
           FROM unnest($1::uuid[], $2::text[]) v("id", "text") WHERE t."id" = v."id" AND t."status" IN (${toLiterals(OPEN_STATUSES)})`,
          [ids, texts],
        )
        .catch((error: unknown) => {
          // The tables are missing. If the tenant still exists, the next callback reads the task again.
          const keys = ids.map((taskId) => toKey({ tenantId, taskId }));
          if (isMissing(error)) return keys.forEach((key) => void replies.delete(key));
          for (const key of keys) if (replies.has(key)) replies.get(key)!.saved = false;
          log.warn({ err: error, tenantId }, 'partial replies could not be saved; retrying');
        });
    }
  }
  const findOpenTask = createTenantBatcher<string, { text: string; lastN: number } | undefined>({
    async runBatch(tenantId, ids) {
      const { rows } = await pool.query<{ id: string; text: string; lastN: number }>({
        name: `find-tasks:${tenantId}`,
        text: `SELECT "id", "text", "lastN" FROM ${quoteTenantSchema(tenantId)}."AgentTask"
               WHERE "id" = ANY($1) AND "status" IN (${toLiterals(OPEN_STATUSES)})`,
        values: [ids],
      });
      const tasks = new Map(rows.map(({ id, ...task }) => [id, task]));
      return ids.map((id) => tasks.get(id));
    },
  });
  function isFollowed(task: TaskKey): boolean {
    const reply = replies.get(toKey(task));
    return reply !== undefined && performance.now() - reply.readAt < FRESH_MS;
  }
  const saves = every({
    ms: SAVE_EVERY_MS,
    run: save,
    onError: (error) => log.error({ err: error }, 'partial replies could not be saved; retrying'),
  });

  return {
    find: (task: TaskKey): Readonly<LiveReply> | undefined => replies.get(toKey(task)),
    /**
     * Returns the longer text of the local one and `text` from the task's row, which another server may have written.
     */
    latestText({ text, ...task }: TaskKey & { text: string }): string {
      const localText = replies.get(toKey(task))?.text ?? '';
      return localText.length < text.length ? text : localText;
    },
    /** Returns whether the task was still open when its row was last read, a moment ago. */
    isFollowed,
    /** Returns whether the task is open, and follows it if it is. Reads its row when that has not been read lately. */
    async follow({ tenantId, taskId }: TaskKey): Promise<boolean> {
      if (isFollowed({ tenantId, taskId })) return true;
      const key = toKey({ tenantId, taskId });
      const task = await findOpenTask(tenantId, taskId);
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
    /** Marks the task as open, after a change of its row. Returns false when the task is not followed. */
    markAlive(task: TaskKey): boolean {
      const reply = replies.get(toKey(task));
      if (reply) reply.readAt = performance.now();
      return reply !== undefined;
    },
    /** Records that the bridge is alive, and that the log has its reports up to `lastN`. */
    touch(task: TaskKey, lastN = 0) {
      const reply = replies.get(toKey(task));
      if (!reply) return;
      reply.lastSeenAt = performance.now();
      reply.lastN = Math.max(reply.lastN, lastN);
    },
    /** Applies pieces of text. Returns false when text before one of them is missing here. */
    write(task: TaskKey, pieces: { offset: number; delta: string }[]): boolean {
      const reply = replies.get(toKey(task));
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
    drop: (task: TaskKey) => void replies.delete(toKey(task)),
    /** Saves the text that has not been saved. */
    async [Symbol.asyncDispose]() {
      await saves[Symbol.asyncDispose]();
      await save();
    },
  };
}
export type LiveReplies = ReturnType<typeof createLiveReplies>;
