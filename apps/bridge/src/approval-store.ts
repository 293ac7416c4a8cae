import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ApprovalStatus } from '@it0/contracts/chat-event';

/** An approval on disk. `expiresAt` is Unix time in milliseconds, by this machine's clock. */
export type StoredApproval = { id: string; taskId: string; status: ApprovalStatus; expiresAt: number };

/**
 * Opens the database of the approvals of tasks that have not ended. It survives a restart of the bridge, so that no
 * request is made twice and no allowed call runs twice. A call's changes are on disk when it returns; it throws when
 * the disk fails.
 */
export function openApprovalStore(dir: string) {
  const file = join(dir, 'approvals.db');
  const db = new DatabaseSync(file);
  chmodSync(file, 0o600);
  db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  db.exec(`
    CREATE TABLE IF NOT EXISTS approval (
      id TEXT PRIMARY KEY, taskId TEXT NOT NULL, digest TEXT NOT NULL, status TEXT NOT NULL, expiresAt INTEGER NOT NULL,
      hasStarted INTEGER NOT NULL DEFAULT 0
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX IF NOT EXISTS approval_task ON approval (taskId, digest);
  `);
  const sql = {
    insert: db.prepare('INSERT INTO approval (id, taskId, digest, status, expiresAt) VALUES (?, ?, ?, ?, ?)'),
    find: db.prepare('SELECT id, taskId, status, expiresAt FROM approval WHERE id = ?'),
    listOpen: db.prepare(`
      SELECT id, taskId, status, expiresAt FROM approval
      WHERE taskId = ? AND digest = ? AND hasStarted = 0 AND status IN ('PENDING', 'ALLOWED', 'DENIED')`),
    count: db.prepare(`
      SELECT count(*) AS total, count(*) FILTER (WHERE status = 'PENDING') AS pending FROM approval WHERE taskId = ?`),
    settle: db.prepare("UPDATE approval SET status = ? WHERE id = ? AND status = 'PENDING'"),
    start: db.prepare("UPDATE approval SET hasStarted = 1 WHERE id = ? AND hasStarted = 0 AND status = 'ALLOWED'"),
    markUsed: db.prepare('UPDATE approval SET hasStarted = 1 WHERE id = ?'),
    forget: db.prepare('DELETE FROM approval WHERE taskId = ?'),
    listTasks: db.prepare('SELECT DISTINCT taskId FROM approval'),
  };
  return {
    insert: ({ id, taskId, status, expiresAt }: StoredApproval, digest: string) =>
      sql.insert.run(id, taskId, digest, status, expiresAt),
    find: (id: string) => sql.find.get(id) as StoredApproval | undefined,
    /** Lists the unused approvals of a task whose request has this digest. */
    listOpen: (taskId: string, digest: string) => sql.listOpen.all(taskId, digest) as StoredApproval[],
    /** Counts the approvals of a task, and those of them that are pending. */
    count: (taskId: string) => sql.count.get(taskId) as { total: number; pending: number },
    /** Sets the final status. Returns false when the approval already had one. */
    settle: (id: string, status: ApprovalStatus) => sql.settle.run(status, id).changes === 1,
    /** Marks an allowed approval as used. Returns true once per approval. */
    start: (id: string) => sql.start.run(id).changes === 1,
    /** Marks an approval as used whose call did not run. */
    markUsed: (id: string) => void sql.markUsed.run(id),
    /** Deletes the approvals of a task. */
    forget: (taskId: string) => void sql.forget.run(taskId),
    /** Lists the ids of the tasks that have approvals. */
    listTasks: () => sql.listTasks.all().map(({ taskId }) => String(taskId)),
    [Symbol.dispose]: () => db.close(),
  };
}
