import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ApprovalStatus } from '@it0/contracts/chat-event';

/** `expiresAt` by this machine's clock, which decides when it stops waiting. */
export type StoredApproval = { id: string; taskId: string; status: ApprovalStatus; expiresAt: number };

/**
 * The approvals of tasks that have not ended, on disk: a bridge that is started again asks nothing twice, and nothing
 * that was allowed runs twice. What a call wrote is on disk when it returns; it throws when the disk refuses.
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
    findOpen: db.prepare(`
      SELECT id, taskId, status, expiresAt FROM approval
      WHERE taskId = ? AND digest = ? AND hasStarted = 0 AND status IN ('PENDING', 'ALLOWED', 'DENIED') LIMIT 1`),
    settle: db.prepare("UPDATE approval SET status = ? WHERE id = ? AND status = 'PENDING'"),
    start: db.prepare("UPDATE approval SET hasStarted = 1 WHERE id = ? AND hasStarted = 0 AND status = 'ALLOWED'"),
    close: db.prepare('UPDATE approval SET hasStarted = 1 WHERE id = ?'),
    forget: db.prepare('DELETE FROM approval WHERE taskId = ?'),
    tasks: db.prepare('SELECT DISTINCT taskId FROM approval'),
  };
  return {
    insert: ({ id, taskId, status, expiresAt }: StoredApproval, digest: string) =>
      sql.insert.run(id, taskId, digest, status, expiresAt),
    find: (id: string) => sql.find.get(id) as StoredApproval | undefined,
    /** The approval of the same thing that an earlier process of this bridge asked for and did not use. */
    findOpen: (taskId: string, digest: string) => sql.findOpen.get(taskId, digest) as StoredApproval | undefined,
    /** False: it was settled before. */
    settle: (id: string, status: ApprovalStatus) => sql.settle.run(status, id).changes === 1,
    /** Takes an approval that was allowed, once. */
    start: (id: string) => sql.start.run(id).changes === 1,
    /** It answered its call, which did not run. */
    close: (id: string) => void sql.close.run(id),
    forget: (taskId: string) => void sql.forget.run(taskId),
    tasks: () => sql.tasks.all().map(({ taskId }) => String(taskId)),
    end: () => db.close(),
  };
}
