import { z } from 'zod';
import { limits } from './limits.ts';
import { RequestReason } from './reasons.ts';
import { shortText } from './text.ts';

/**
 * Body of every 4xx and 5xx response of the server and of bridges; tRPC puts the same fields into its own envelope.
 * Clients switch on `reason` and translate it; they never parse `message`.
 */
export const ErrorResponse = z
  .object({
    reason: RequestReason,
    message: z.string().describe('The error and how to fix it, in English. Do not parse it.'),
    issues: z
      .strictObject({ formErrors: z.array(z.string()), fieldErrors: z.record(z.string(), z.array(z.string())) })
      .meta({ id: 'Issues', description: 'Validation errors of the input, for the form and for each field.' })
      .optional(),
    params: z
      .record(z.string(), z.number())
      .optional()
      .describe('Numbers in the message, by name, for translations and for programs.'),
    retryAfter: z.int().optional().describe('Seconds until the request may be retried.'),
  })
  .meta({
    id: 'Failure',
    examples: [
      { reason: 'INSTANCE_NOT_RUNNING', message: 'The instance is not running, so it cannot receive messages.' },
    ],
  });
export type ErrorResponse = z.infer<typeof ErrorResponse>;

const ReceivedError = z.object({
  reason: z.string().pipe(RequestReason.catch('INTERNAL')),
  message: shortText(limits.detail),
});
type ReceivedError = z.infer<typeof ReceivedError>;

/**
 * Parses the body of an error response of the other side, which can have another version: a reason that is unknown here
 * becomes `INTERNAL`, and the other fields can have any form. Returns undefined for other bodies, such as those of a
 * proxy.
 */
export const parseErrorResponse = (body: unknown): ReceivedError | undefined => ReceivedError.safeParse(body).data;
