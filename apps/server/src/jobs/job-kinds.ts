import type { AgentServices } from '@it0/api/agent/agent-services';
import { removeInaccessible } from '@it0/api/agent/attachment/remove-inaccessible';
import type { JobKind } from '@it0/api/jobs/job-kind';
import { z } from 'zod';

const HOUR_MS = 60 * 60_000;

/** Creates the kinds of background jobs of a server. */
export const createJobKinds = (services: AgentServices): JobKind[] => [
  {
    name: 'attachment-cleanup',
    payload: z.object({}),
    everyMs: HOUR_MS,
    run: ({ signal }) => removeInaccessible(services, signal),
  },
];
