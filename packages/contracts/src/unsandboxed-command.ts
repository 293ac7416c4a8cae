import { z } from 'zod';
import { Id } from './ids.ts';
import { limits } from './limits.ts';

/**
 * Messages between a local bridge in its sandbox and the server that started it, over their IPC channel, to run a
 * command outside the sandbox. The server runs a command only if the approval is unused and has the same digest.
 */
const id = z.uuid();

export const UnsandboxedRequest = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('run'),
    id,
    approvalId: Id,
    command: z.string().min(1).max(limits.command),
    cwd: z.string().min(1).max(limits.detail),
    timeoutMs: z
      .int()
      .min(1)
      .max(24 * 3_600_000),
  }),
  z.object({ type: z.literal('stop'), id }),
]);
export type UnsandboxedRequest = z.infer<typeof UnsandboxedRequest>;

export const UnsandboxedResponse = z.discriminatedUnion('type', [
  z.object({ type: z.literal('output'), id, text: z.string() }),
  z.object({
    type: z.literal('end'),
    id,
    exitCode: z.int().nullable(),
    stoppedBy: z.enum(['cancel', 'timeout', 'output']).nullable(),
  }),
  z.object({ type: z.literal('failed'), id, message: z.string().max(limits.detail) }),
]);
export type UnsandboxedResponse = z.infer<typeof UnsandboxedResponse>;

/** Maximum output of a command in UTF-8 bytes. The command is stopped when it writes more. */
export const MAX_COMMAND_OUTPUT_BYTES = 64 * 1024 * 1024;
