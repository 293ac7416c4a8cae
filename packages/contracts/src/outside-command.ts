import { z } from 'zod';
import { limits } from './limits.ts';

/**
 * What a local bridge, which is kept in a sandbox, asks of the server that started it, over the channel between the two:
 * to run a command outside. The server runs what was approved with this very digest, once, and nothing else.
 */
const id = z.uuid();

export const OutsideRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    id,
    command: z.string().min(1).max(limits.command),
    cwd: z.string().min(1).max(limits.detail),
    timeoutMs: z
      .int()
      .min(1)
      .max(24 * 3_600_000),
  }),
  z.object({ type: z.literal('stop'), id }),
]);
export type OutsideRequest = z.infer<typeof OutsideRequest>;

export const OutsideAnswer = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output'), id, text: z.string() }),
  z.object({
    type: z.literal('end'),
    id,
    exitCode: z.int().nullable(),
    stoppedBy: z.enum(['cancel', 'timeout', 'output']).nullable(),
  }),
  z.object({ type: z.literal('failed'), id, message: z.string().max(limits.detail) }),
]);
export type OutsideAnswer = z.infer<typeof OutsideAnswer>;

/** What a command may put out, in UTF-8 bytes: it is stopped at that. */
export const commandOutputBytes = 64 * 1024 * 1024;
