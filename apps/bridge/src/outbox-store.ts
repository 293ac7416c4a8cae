import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DurableReport, TaskRequest, TaskState } from '@it0/contracts/bridge';

type Progress = Pick<TaskState, 'state' | 'lastN' | 'ackedN'>;
/** `knownUntil`: nobody can ask for it, or take its reports, after that time. */
export type OpenTask = Progress & { request: TaskRequest; knownUntil: number };
export type Store = ReturnType<typeof openStore>;

/**
 * Makes a database accessible to its owner only, also one of an earlier version. SQLite's other files get the same
 * mode.
 */
function keepPrivate(file: string) {
  closeSync(openSync(file, 'a', 0o600));
  for (const one of ['', '-wal', '-shm'].map((end) => file + end)) if (existsSync(one)) chmodSync(one, 0o600);
}

/**
 * The outbox's file: the tasks accepted, and of each the reports the server has not yet acknowledged. What a call wrote
 * is on disk when it returns; it throws when the disk refuses. A task that is done with stays known by its id alone,
 * so that it is not started again, until nobody can ask for it any more. One process at a time can have it open.
 */
export function openStore(dir: string) {
  const file = join(dir, 'outbox.db');
  keepPrivate(file);
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  } catch (cause) {
    throw new Error(`The outbox in ${dir} cannot be opened; perhaps another bridge is running there.`, { cause });
  }
  db.exec(`
    CREATE TABLE IF NOT EXISTS task (
      place INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, request TEXT, state TEXT NOT NULL DEFAULT 'waiting',
      lastN INTEGER NOT NULL DEFAULT 0, ackedN INTEGER NOT NULL DEFAULT 0, knownUntil INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE IF NOT EXISTS report (
      taskId TEXT NOT NULL, n INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (taskId, n)
    ) STRICT, WITHOUT ROWID;
  `);
  const sql = {
    prune: db.prepare('DELETE FROM task WHERE request IS NULL AND knownUntil < ?'),
    insertTask: db.prepare('INSERT INTO task (id, request, knownUntil) VALUES (?, ?, ?) ON CONFLICT DO NOTHING'),
    redirect: db.prepare('UPDATE task SET request = ? WHERE id = ? AND request IS NOT NULL'),
    find: db.prepare('SELECT state, lastN, ackedN FROM task WHERE id = ?'),
    open: db.prepare(
      'SELECT request, knownUntil, state, lastN, ackedN FROM task WHERE request IS NOT NULL ORDER BY place',
    ),
    insertReport: db.prepare('INSERT INTO report VALUES (?, ?, ?)'),
    moved: db.prepare('UPDATE task SET state = ?, lastN = ? WHERE id = ?'),
    unacknowledged: db.prepare('SELECT body FROM report WHERE taskId = ? ORDER BY n LIMIT ?'),
    acknowledged: db.prepare('UPDATE task SET ackedN = ? WHERE id = ?'),
    dropUpTo: db.prepare('DELETE FROM report WHERE taskId = ? AND n <= ?'),
    dropFrom: db.prepare('DELETE FROM report WHERE taskId = ? AND n >= ?'),
    done: db.prepare("UPDATE task SET request = NULL, state = 'ended', ackedN = lastN WHERE id = ?"),
  };
  const atOnce = (write: () => void) => {
    db.exec('BEGIN IMMEDIATE');
    try {
      write();
      db.exec('COMMIT');
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      throw error;
    }
  };

  return {
    /** False: the task was known already. */
    accept(request: TaskRequest, knownUntil: number) {
      sql.prune.run(Date.now());
      return sql.insertTask.run(request.taskId, JSON.stringify(request), knownUntil).changes === 1;
    },
    redirect: (request: TaskRequest) => sql.redirect.run(JSON.stringify(request), request.taskId),
    find: (taskId: string) => sql.find.get(taskId) as Progress | undefined,
    /** What is not done with, in the order it came. */
    listOpen: () =>
      sql.open.all().map((row) => ({ ...row, request: JSON.parse(String(row.request)) })) as unknown as OpenTask[],
    append(taskId: string, reports: DurableReport[], state: TaskState['state']) {
      atOnce(() => {
        for (const report of reports) sql.insertReport.run(taskId, report.n, JSON.stringify(report));
        sql.moved.run(state, reports.at(-1)?.n ?? 0, taskId);
      });
    },
    listUnacknowledged: (taskId: string, count: number) =>
      sql.unacknowledged.all(taskId, count).map(({ body }) => JSON.parse(String(body)) as DurableReport),
    acknowledge(taskId: string, n: number) {
      atOnce(() => {
        sql.dropUpTo.run(taskId, n);
        sql.acknowledged.run(n, taskId);
      });
    },
    /** Ends a task with this report, in place of the one with its `n` and all after it. */
    endWith(taskId: string, report: DurableReport) {
      atOnce(() => {
        sql.dropFrom.run(taskId, report.n);
        sql.insertReport.run(taskId, report.n, JSON.stringify(report));
        sql.moved.run('ended', report.n, taskId);
      });
    },
    markDone(taskId: string) {
      atOnce(() => {
        sql.dropFrom.run(taskId, 0);
        sql.done.run(taskId);
      });
    },
    close: () => db.close(),
  };
}
