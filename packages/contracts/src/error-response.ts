import { z } from 'zod';
import { Reason } from './reasons.ts';

/**
 * Body of every 4xx and 5xx response outside of tRPC. Clients switch on `reason` and translate it; they never parse
 * `message`.
 */
export const ErrorResponse = z
  .object({
    reason: Reason,
    message: z.string().describe('The error and how to fix it, in English. Do not parse it.'),
    issues: z
      .strictObject({ formErrors: z.array(z.string()), fieldErrors: z.record(z.string(), z.array(z.string())) })
      .meta({ id: 'Issues', description: 'Validation errors of the input, for the form and for each field.' })
      .optional(),
    params: z.record(z.string(), z.number()).optional().describe('Numbers in the message, for translations.'),
    retryAfter: z.int().optional().describe('Seconds until the request may be retried.'),
  })
  .meta({
    id: 'Failure',
    examples: [
      { reason: 'INSTANCE_NOT_RUNNING', message: 'The instance is not running, so it cannot receive messages.' },
    ],
  });
export type ErrorResponse = z.infer<typeof ErrorResponse>;
