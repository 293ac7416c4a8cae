import { randomUUID } from 'node:crypto';
import { type UnsandboxedRequest, UnsandboxedResponse } from '@it0/contracts/unsandboxed-command';
import type { ProcessEnd } from '@it0/node/run-process';
import type { RunCommand } from './command-runner.ts';

/** The IPC channel between this process and its parent. */
export type Channel = Pick<NodeJS.Process, 'send' | 'on' | 'off' | 'connected'>;

/**
 * Runs commands through the server that started this bridge, since the bridge itself is in a sandbox. The server runs
 * approved commands only, and checks the approval itself. A call ends at the latest when it is stopped or the channel
 * closes; then the server kills the command.
 */
export const runThroughServer =
  (channel: Channel): RunCommand =>
  async ({ approvalId, command, cwd, timeoutMs, signal, onOutput }) => {
    signal.throwIfAborted();
    if (!channel.connected) throw new Error(NO_SERVER);
    const id = randomUUID();
    const { promise, resolve, reject } = Promise.withResolvers<ProcessEnd>();
    const onDisconnect = () => reject(new Error(NO_SERVER));
    const send = (request: UnsandboxedRequest) =>
      channel.send!(request, undefined, undefined, (error) => error && onDisconnect());
    const onMessage = (message: unknown) => {
      if (!hasId(message, id)) return;
      const answer = UnsandboxedResponse.safeParse(message).data;
      if (!answer) return reject(new Error('The server sent an invalid response.'));
      if (answer.type === 'output') return onOutput(answer.text);
      if (answer.type === 'failed') return reject(new Error(answer.message));
      const { exitCode, stoppedBy } = answer;
      resolve({ exitCode, stoppedBy });
    };
    const onAbort = () => {
      send({ type: 'stop', id });
      resolve({ exitCode: null, stoppedBy: 'cancel' });
    };
    channel.on('message', onMessage);
    channel.on('disconnect', onDisconnect);
    signal.addEventListener('abort', onAbort, { once: true });
    send({ type: 'run', id, approvalId, command, cwd, timeoutMs });
    return promise.finally(() => {
      channel.off('message', onMessage);
      channel.off('disconnect', onDisconnect);
      signal.removeEventListener('abort', onAbort);
    });
  };

const hasId = (message: unknown, id: string) =>
  typeof message === 'object' && message !== null && 'id' in message && message.id === id;

const NO_SERVER = 'The command cannot run outside the sandbox: the server that runs such commands is gone.';
