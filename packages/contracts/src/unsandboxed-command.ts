import { z } from 'zod';
import { Id } from './ids.ts';
import { limits } from './limits.ts';

const id = z.uuid();

/**
 * Message of a local bridge in its sandbox to the server that started it, over their IPC channel: `run` a command
 * outside the sandbox, or `stop` it. The server runs a command only if its approval is unused and has the same digest.
 */
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

/**
 * Message of the server about the command with this `id`: a piece of its output, its end, or the reason why it was not
 * run. `exitCode` is null when the command was stopped by a signal.
 */
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

/** Maximum output of a command in UTF-8 bytes. A command that writes more is stopped. */
export const MAX_COMMAND_OUTPUT_BYTES = 64 * 1024 * 1024;
