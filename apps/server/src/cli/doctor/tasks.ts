import { countOpenTasks, listStuckTasks, type StuckTask } from '@it0/api/agent/task/open-tasks';
import type { Database } from '@it0/db/database';
import type { Finding } from './finding.ts';

const STATES: Record<StuckTask['cause'], string> = {
  unscheduled: 'no server processes it, since its dispatch row is missing',
  overdue: 'its deadline has passed, but it has not ended',
  unclaimed: 'it has been waiting for a server for more than a minute',
};

/** Reports the number of open tasks, and those that no server processes. */
export async function* examineTasks(db: Database, tenantIds: string[]): AsyncGenerator<Finding> {
  const open = [...(await countOpenTasks(db)).values()].reduce((sum, count) => sum + count, 0);
  yield { subject: 'tasks', state: `${open} open`, advice: null };
  for (const tenantId of tenantIds) {
    for (const task of await listStuckTasks(db, tenantId)) {
      yield { subject: `task ${task.taskId}`, state: STATES[task.cause], advice: formatAdvice(tenantId, task) };
    }
  }
}

const formatAdvice = (tenantId: string, { cause, sessionId, taskId }: StuckTask) =>
  cause === 'unscheduled'
    ? `Run this statement on the database: INSERT INTO public."Dispatch" ("tenantId", "sessionId", "taskId") VALUES ('${tenantId}', '${sessionId}', '${taskId}');`
    : 'Start a server. If one is running, its log shows why it does not process the task.';
