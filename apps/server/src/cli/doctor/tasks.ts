import { countOpenTasks, listStuckTasks, type StuckTask } from '@it0/api/agent/task/open-tasks';
import type { Database } from '@it0/db/database';
import type { Finding } from './finding.ts';

const seen: Record<StuckTask['how'], string> = {
  unseen: 'no server knows that it must be looked after',
  overdue: 'its deadline has passed, and it has not ended',
  waiting: 'it has been waiting for a server for more than a minute',
};

/** The tasks that are not over, and those among them that nobody looks after. */
export async function* examineTasks(db: Database, tenantIds: string[]): AsyncGenerator<Finding> {
  const open = [...(await countOpenTasks(db)).values()].reduce((sum, count) => sum + count, 0);
  yield { what: 'tasks', seen: open === 1 ? 'one is not over' : `${open} are not over`, todo: null };
  for (const tenantId of tenantIds) {
    for (const task of await listStuckTasks(db, tenantId)) {
      yield { what: `task ${task.taskId}`, seen: seen[task.how], todo: todo(tenantId, task) };
    }
  }
}

const todo = (tenantId: string, { how, sessionId, taskId }: StuckTask) =>
  how === 'unseen'
    ? `Run on the database: INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId") VALUES ('${tenantId}', '${sessionId}', '${taskId}');`
    : 'Start a server; where one runs, its log says why it does not get there.';
