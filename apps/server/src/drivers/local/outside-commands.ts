import type { ChildProcess } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { commandOutputBytes, type OutsideAnswer, OutsideRequest } from '@it0/contracts/outside-command';
import { commandEnvironment } from '@it0/node/command-environment';
import { runProcess } from '@it0/node/run-process';

/** Function that uses up the approval of a command outside the sandbox. Returns null, or the reason for a refusal. */
export type TakeApproval = (command: { command: string; cwd: string }) => Promise<string | null>;

/**
 * Runs approved commands of a bridge outside its sandbox, as the server's own user. Commands that still run are stopped
 * when the bridge exits.
 */
export function serveOutside(bridge: ChildProcess, takeApproval: TakeApproval, env: Record<string, string>) {
  const running = new Map<string, AbortController>();
  const send = (answer: OutsideAnswer) => bridge.connected && bridge.send(answer, () => {});

  async function run({ id, command, cwd, timeoutMs }: Extract<OutsideRequest, { type: 'run' }>) {
    const stop = new AbortController();
    running.set(id, stop);
    try {
      const refusal = await takeApproval({ command, cwd });
      if (refusal !== null) throw new Error(refusal);
      if (!(await stat(cwd)).isDirectory()) throw new Error(`There is no folder ${cwd}.`);
      const end = await runProcess({
        argv: ['/bin/sh', '-c', 'exec /bin/sh -c "$1" 2>&1', 'sh', command],
        env: commandEnvironment(env, homedir()),
        maxOutputBytes: commandOutputBytes,
        signal: stop.signal,
        onOutput: (text) => send({ type: 'output', id, text }),
        ...{ cwd, timeoutMs },
      });
      send({ type: 'end', id, ...end });
    } catch (error) {
      send({ type: 'failed', id, message: error instanceof Error ? error.message : 'It could not be run.' });
    } finally {
      running.delete(id);
    }
  }

  bridge.on('message', (message) => {
    const request = OutsideRequest.safeParse(message).data;
    if (request?.type === 'stop') running.get(request.id)?.abort();
    if (request?.type === 'run' && !running.has(request.id)) void run(request);
  });
  bridge.once('exit', () => {
    for (const stop of running.values()) stop.abort();
  });
}
