import type { AttachmentPart } from '@it0/contracts/message';
import { quoteTenantSchema } from '@it0/db/sql';
import type { Pool } from 'pg';
import { createTenantBatcher } from '../../batcher.ts';
import type { Fork } from '../branch/branch.ts';
import { CREATE_TASKS, CREATE_TASKS_WITH_ATTACHMENTS } from './create-task.sql.ts';
import type { NewEvent } from './task.ts';

/** A task to create, as the statement reads it. */
export type NewTask = {
  ownerId: string;
  role: string;
  /** Null for iAgent. */
  instanceId: string | null;
  sessionId: string | null;
  newSessionId: string;
  title: string;
  taskId: string;
  requestId: string;
  message: string;
  messageId: string;
  /** Search terms of the message, and of the title. */
  terms: string[];
  titleTerms: string[];
  events: NewEvent[];
  /** The draft that is sent; undefined for a message that was none. */
  draftRevision?: number;
  /** Undefined when there are none. */
  attachmentIds?: string[];
  attachmentParts?: AttachmentPart[];
  /** The branch to continue; the selected one when undefined. */
  toBranch?: number;
  /** The branch to begin instead. */
  fork?: Fork;
};

/**
 * The result for one task. Null when the user cannot see the agent. `sessionId` is null when nothing was created: the
 * agent does not run, or the session, its branch or an attachment was not found.
 */
export type WriteResult = {
  agentStatus: string;
  sessionId: string | null;
  seq: string | null;
  branch: number;
  hasAllAttachments?: boolean;
  at: Date;
} | null;

/** Creates the function that writes new tasks. Those that arrive while a commit runs share the next one. */
export function createTaskWriter(pool: Pool) {
  return createTenantBatcher<NewTask, WriteResult>({
    async runBatch(tenantId, requests) {
      const at = new Date();
      const schema = quoteTenantSchema(tenantId);
      const statement = requests.some(({ attachmentIds }) => attachmentIds)
        ? { name: `create-tasks-attaching:${tenantId}`, text: CREATE_TASKS_WITH_ATTACHMENTS(schema) }
        : { name: `create-tasks:${tenantId}`, text: CREATE_TASKS(schema) };
      const { rows } = await pool.query<NonNullable<WriteResult> & { position: number }>({
        ...statement,
        values: [
          JSON.stringify(requests.map((request, position) => ({ position, ...request }))),
          at.toISOString(),
          tenantId,
        ],
      });
      const created = new Map(rows.map(({ position, ...row }) => [position, { ...row, at }]));
      return requests.map((_, position) => created.get(position) ?? null);
    },
    // While one batch waits for the disk, the next one is prepared.
    concurrency: 2,
    // The statement can allocate `seq`s for a session only once.
    getKey: ({ sessionId, newSessionId }) => sessionId ?? newSessionId,
  });
}
export type TaskWriter = ReturnType<typeof createTaskWriter>;
