import { chmodSync, closeSync, existsSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { DurableReport, TaskRequest, TaskState } from '@it0/contracts/bridge';

export type Progress = Pick<TaskState, 'state' | 'lastN' | 'ackedN'>;
/** `knownUntil` is the Unix time in ms after which no server asks for the task or accepts its reports. */
export type OpenTask = Progress & { request: TaskRequest; knownUntil: number };
export type OutboxStore = ReturnType<typeof openOutboxStore>;

/**
 * Makes a database accessible to its owner only, also one of an earlier version. SQLite's other files get the same
 * mode.
 */
function makePrivate(file: string) {
  closeSync(openSync(file, 'a', 0o600));
  for (const path of ['', '-wal', '-shm'].map((suffix) => file + suffix)) if (existsSync(path)) chmodSync(path, 0o600);
}

/**
 * Opens the database of the outbox: the accepted tasks, and the reports that the server has not acknowledged. A call's
 * changes are on disk when it returns; it throws when the disk fails. Of a delivered task only the id is stored, so
 * that it is not started again, until `knownUntil`. Only one process at a time can have the database open.
 */
export function openOutboxStore(dir: string) {
  const file = join(dir, 'outbox.db');
  makePrivate(file);
  const db = new DatabaseSync(file);
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
  } catch (cause) {
    throw new Error(`Cannot open the outbox in ${dir}. Another bridge may be running there.`, { cause });
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
    listOpen: db.prepare(
      'SELECT request, knownUntil, state, lastN, ackedN FROM task WHERE request IS NOT NULL ORDER BY place',
    ),
    insertReport: db.prepare('INSERT INTO report VALUES (?, ?, ?)'),
    updateProgress: db.prepare('UPDATE task SET state = ?, lastN = ? WHERE id = ?'),
    listUnacknowledged: db.prepare('SELECT body FROM report WHERE taskId = ? ORDER BY n LIMIT ?'),
    setAcknowledged: db.prepare('UPDATE task SET ackedN = ? WHERE id = ?'),
    dropUpTo: db.prepare('DELETE FROM report WHERE taskId = ? AND n <= ?'),
    dropFrom: db.prepare('DELETE FROM report WHERE taskId = ? AND n >= ?'),
    markDone: db.prepare("UPDATE task SET request = NULL, state = 'ended', ackedN = lastN WHERE id = ?"),
  };
  const inTransaction = (write: () => void) => {
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
    /** Stores a task. Returns false if it is known already. */
    accept(request: TaskRequest, knownUntil: number) {
      sql.prune.run(Date.now());
      return sql.insertTask.run(request.taskId, JSON.stringify(request), knownUntil).changes === 1;
    },
    redirect: (request: TaskRequest) => sql.redirect.run(JSON.stringify(request), request.taskId),
    find: (taskId: string) => sql.find.get(taskId) as Progress | undefined,
    /** Lists the tasks with undelivered reports or without an end, in the order they were accepted. */
    listOpen: () =>
      sql.listOpen.all().map((row) => ({ ...row, request: JSON.parse(String(row.request)) })) as unknown as OpenTask[],
    append(taskId: string, reports: DurableReport[], state: TaskState['state']) {
      inTransaction(() => {
        for (const report of reports) sql.insertReport.run(taskId, report.n, JSON.stringify(report));
        sql.updateProgress.run(state, reports.at(-1)?.n ?? 0, taskId);
      });
    },
    listUnacknowledged: (taskId: string, count: number) =>
      sql.listUnacknowledged.all(taskId, count).map(({ body }) => JSON.parse(String(body)) as DurableReport),
    acknowledge(taskId: string, n: number) {
      inTransaction(() => {
        sql.dropUpTo.run(taskId, n);
        sql.setAcknowledged.run(n, taskId);
      });
    },
    /** Ends a task with this report, which replaces the one with its `n` and all later ones. */
    endWith(taskId: string, report: DurableReport) {
      inTransaction(() => {
        sql.dropFrom.run(taskId, report.n);
        sql.insertReport.run(taskId, report.n, JSON.stringify(report));
        sql.updateProgress.run('ended', report.n, taskId);
      });
    },
    markDone(taskId: string) {
      inTransaction(() => {
        sql.dropFrom.run(taskId, 0);
        sql.markDone.run(taskId);
      });
    },
    [Symbol.dispose]: () => db.close(),
  };
}
