import type { AgentServices } from '@it0/api/agent/agent-services';
import { removeInaccessible } from '@it0/api/agent/attachment/remove-inaccessible';
import { indexMissing } from '@it0/api/agent/search/index-missing';
import type { JobKind } from '@it0/api/jobs/job-kind';
import { deleteOldEvents } from '@it0/api/retention/delete-old-events';
import { removeDeletedSessions } from '@it0/api/retention/deleted-sessions';
import { deleteExpiredRows } from '@it0/api/retention/expired-rows';
import { z } from 'zod';

const HOUR_MS = 60 * 60_000;

/** Creates a kind with one job, which runs periodically. */
const createPeriodic = (name: string, everyMs: number, run: (signal: AbortSignal) => Promise<void>): JobKind => ({
  ...{ name, everyMs, payload: z.object({}) },
  run: ({ signal }) => run(signal),
});

/** Creates the kinds of background jobs of a server. Events are stored for `eventDays`, with 0 without a limit. */
export const createJobKinds = (services: AgentServices, eventDays: number): JobKind[] => [
  createPeriodic('attachment-cleanup', HOUR_MS, (signal) => removeInaccessible(services, signal)),
  createPeriodic('session-retention', HOUR_MS, (signal) => removeDeletedSessions(services, signal)),
  createPeriodic('search-index', 6 * HOUR_MS, (signal) => indexMissing(services, signal)),
  createPeriodic('expired-rows', 6 * HOUR_MS, (signal) => deleteExpiredRows(services, signal)),
  createPeriodic('event-retention', 6 * HOUR_MS, async (signal) => {
    if (eventDays > 0) await deleteOldEvents(services, eventDays, signal);
  }),
];
