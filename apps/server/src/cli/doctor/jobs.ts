import { type FailedJob, listFailedJobs } from '@it0/api/jobs/job-table';
import type { Database } from '@it0/db/database';
import type { Finding } from './finding.ts';

/** Reports the background jobs whose attempts have all failed. */
export async function* examineJobs({ pool }: Database): AsyncGenerator<Finding> {
  const failed = await listFailedJobs(pool);
  if (failed.length === 0) yield { subject: 'jobs', state: 'none has failed', advice: null };
  for (const job of failed) {
    const tenant = job.tenantId ? ` of tenant ${job.tenantId}` : '';
    yield { subject: `job ${job.kind}${tenant}`, state: `failed: ${job.lastError}`, advice: formatAdvice(job) };
  }
}

const formatAdvice = ({ id, runAt }: FailedJob) =>
  `Remove the cause; the log of the servers has more about it. ${
    runAt ? `The next attempt is at ${runAt.toISOString()}.` : 'No attempt follows by itself.'
  } To run it now, run this statement on the database: UPDATE public."Job" SET "runAt" = now(), "attempts" = 0 WHERE "id" = ${id};`;
