import { z } from 'zod';
import { Reason } from './reasons.ts';

/** How a request is refused, wherever it is not tRPC that says so. */
export const ErrorResponse = z
  .object({
    reason: Reason,
    message: z.string().describe('What a person can do about it, in English. Never parse it.'),
    issues: z
      .strictObject({ formErrors: z.array(z.string()), fieldErrors: z.record(z.string(), z.array(z.string())) })
      .meta({ id: 'Issues', description: 'What is wrong with the input, as a whole and by field.' })
      .optional(),
    params: z.record(z.string(), z.number()).optional().describe('What the message counts, for other languages.'),
    retryAfter: z.int().optional().describe('In how many seconds the same request may succeed.'),
  })
  .meta({
    id: 'Failure',
    examples: [
      { reason: 'INSTANCE_NOT_RUNNING', message: 'The instance is not running, so it cannot take a message.' },
    ],
  });
export type ErrorResponse = z.infer<typeof ErrorResponse>;
