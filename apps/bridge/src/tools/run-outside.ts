import { randomUUID } from 'node:crypto';
import { OutsideAnswer, type OutsideRequest } from '@it0/contracts/outside-command';
import type { ProcessEnd } from '@it0/node/run-process';
import type { RunCommand } from './command-runner.ts';

/** The IPC channel between this process and its parent. */
export type Channel = Pick<NodeJS.Process, 'send' | 'on' | 'off'>;

/**
 * Runs commands by the server that started this bridge, since the bridge itself is in a sandbox. The server runs
 * approved commands only, and checks the approval itself.
 */
export const runByServer =
  (channel: Channel): RunCommand =>
  ({ command, cwd, timeoutMs, signal, onOutput }) => {
    const id = randomUUID();
    const send = (request: OutsideRequest) => channel.send?.(request);
    const { promise, resolve, reject } = Promise.withResolvers<ProcessEnd>();
    const onMessage = (message: unknown) => {
      const answer = OutsideAnswer.safeParse(message).data;
      if (answer?.id !== id) return;
      if (answer.type === 'output') return onOutput(answer.text);
      if (answer.type === 'failed') return reject(new Error(answer.message));
      const { exitCode, stoppedBy } = answer;
      resolve({ exitCode, stoppedBy });
    };
    const onAbort = () => send({ type: 'stop', id });
    channel.on('message', onMessage);
    signal.addEventListener('abort', onAbort, { once: true });
    send({ type: 'run', id, command, cwd, timeoutMs });
    return promise.finally(() => {
      channel.off('message', onMessage);
      signal.removeEventListener('abort', onAbort);
    });
  };
