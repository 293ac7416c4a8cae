import type { ChildProcess } from 'node:child_process';
import { limits } from '@it0/contracts/limits';
import { head } from '@it0/contracts/text';
import {
  MAX_COMMAND_OUTPUT_BYTES,
  UnsandboxedRequest,
  type UnsandboxedResponse,
} from '@it0/contracts/unsandboxed-command';
import { runShellCommand } from '@it0/node/shell-command';

type RunRequest = Extract<UnsandboxedRequest, { type: 'run' }>;

/** Function that consumes the approval of a command outside the sandbox. Returns null, or the reason for a refusal. */
export type ConsumeApproval = (command: Pick<RunRequest, 'approvalId' | 'command' | 'cwd'>) => Promise<string | null>;

/** The process of a bridge, as far as its commands need it. */
type Bridge = Pick<ChildProcess, 'connected' | 'send' | 'on' | 'once'>;

/**
 * Runs approved commands of a bridge outside its sandbox, as the server's own user. When the bridge exits or closes its
 * channel, commands that still run are stopped and no more are started.
 */
export function serveUnsandboxedCommands(
  bridge: Bridge,
  consumeApproval: ConsumeApproval,
  env: Record<string, string>,
) {
  const running = new Map<string, AbortController>();
  let isEnded = false;
  const send = (response: UnsandboxedResponse) => bridge.connected && bridge.send(response, () => {});

  async function run({ id, approvalId, command, cwd, timeoutMs }: RunRequest) {
    const stop = new AbortController();
    running.set(id, stop);
    try {
      const refusal = await consumeApproval({ approvalId, command, cwd });
      if (refusal !== null) throw new Error(refusal);
      const end = await runShellCommand({
        ...{ command, cwd, environment: env, maxOutputBytes: MAX_COMMAND_OUTPUT_BYTES, timeoutMs, signal: stop.signal },
        onOutput: (text) => send({ type: 'output', id, text }),
      });
      send({ type: 'end', id, ...end });
    } catch (error) {
      const message = error instanceof Error ? error.message : 'The command could not be run.';
      send({ type: 'failed', id, message: head(message, limits.detail) });
    } finally {
      running.delete(id);
    }
  }

  bridge.on('message', (message) => {
    const request = UnsandboxedRequest.safeParse(message).data;
    if (request?.type === 'stop') running.get(request.id)?.abort();
    if (request?.type === 'run' && !isEnded && !running.has(request.id)) void run(request);
  });
  const end = () => {
    isEnded = true;
    for (const stop of running.values()) stop.abort();
  };
  bridge.once('exit', end);
  bridge.once('disconnect', end);
}
