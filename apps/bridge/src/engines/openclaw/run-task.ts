import { setTimeout as after } from 'node:timers/promises';
import { GatewayClientRequestError } from '@openclaw/gateway-client';
import { z } from 'zod';
import type { FindCallOffset } from '../../tools/agent-tools.ts';
import { type End, type Run, toStoppedEnd } from '../engine.ts';
import { checkFiles, toGatewayAttachments } from './attachments.ts';
import type { Connection } from './connection.ts';
import { toModelFailure } from './failure.ts';
import { type GatewayEvent, normalizeSessionKey } from './gateway-event.ts';
import { neutralizeApprove } from './neutralize-approve.ts';
import { recoverRun } from './recover-run.ts';
import { createFollower, type Follower } from './run-follower.ts';
import { createTranslator } from './translate.ts';

export type Gateway = {
  /** The connection, as soon as there is one; null when the signal aborts or the engine is closed first. */
  waitForConnection(signal: AbortSignal): Promise<Connection | null>;
  /** Every event of a session, and undefined whenever contact was lost. Returns how to stop listening. */
  listen(session: string, hear: (event: GatewayEvent | undefined) => void): () => void;
  /**
   * Serves the bridge's tools to the session's agent until disposed. `placeOf` returns a call's offset in the reply.
   */
  serveTools(placeOf: FindCallOffset): Promise<AsyncDisposable>;
  /** Stops what the session is at as soon as there is contact. */
  abortOnReconnect(sessionKey: string): void;
  isClosed(): boolean;
};

const Ack = z.object({ runId: z.string().optional() });
const pauseMs = 1_000;
const abortWithinMs = 5_000;
/**
 * A restarted gateway goes on with what it was at seconds after it is ready: on a busy machine, a quarter of a minute.
 */
const looksBeforeLost = 30;

/** Does one task on a gateway, through lost contact and restarts at either end, and never sends its message twice. */
export async function runTask(run: Run, gateway: Gateway): Promise<End | undefined> {
  const { task, files, isResumed: resumed, report, signal } = run;
  const { taskId, sessionKey, message } = task;
  const session = normalizeSessionKey(sessionKey);
  const translator = createTranslator();
  await using _tools = await gateway.serveTools(translator.findOffset);
  let mayBeThere = resumed;
  let looks = 0;

  while (!gateway.isClosed()) {
    const connection = await gateway.waitForConnection(signal);
    if (gateway.isClosed()) return;
    if (!connection) {
      if (mayBeThere) gateway.abortOnReconnect(sessionKey);
      return toStoppedEnd(signal, translator.text());
    }
    const end = await attempt(connection);
    if (end) return end;
    await after(pauseMs);
  }

  /** The task's end, or undefined when contact was lost before it. */
  async function attempt(connection: Connection) {
    const follower = createFollower({
      translator,
      report,
      isStillRunning: (runId) =>
        recoverRun(connection, sessionKey, taskId).then(
          (known) => known.type === 'running' && (known.runId ?? runId) === runId,
          () => false,
        ),
      stop: () =>
        connection
          .request('chat.abort', { sessionKey }, { timeoutMs: abortWithinMs })
          .catch(() => gateway.abortOnReconnect(sessionKey)),
    });
    const stopListening = gateway.listen(session, follower.handleEvent);
    try {
      const begun = mayBeThere ? await goOn(connection, follower) : await send(connection, follower);
      return begun === 'running' ? await follower.waitForEnd(signal) : begun;
    } catch (error) {
      if (error instanceof GatewayClientRequestError && !error.retryable) {
        return translator.failed(`The OpenClaw gateway refused: ${error.message}`, 'AGENT_ERROR');
      }
      // Anything else is a connection that broke: the next one finds out what has become of the task.
    } finally {
      stopListening();
      follower.close();
    }
  }

  async function send(connection: Connection, follower: Follower): Promise<End | 'running'> {
    if (signal.aborted) return toStoppedEnd(signal, translator.text());
    const refusal = checkFiles(message, files, connection.getPolicy());
    if (refusal) return refusal;
    const attachments = files.length > 0 ? await toGatewayAttachments(files) : undefined;
    mayBeThere = true;
    follower.expect(taskId);
    const sent = { sessionKey, message: neutralizeApprove(message), attachments, idempotencyKey: taskId };
    const ack = Ack.parse(await connection.request('chat.send', sent));
    report({ type: 'task', status: 'RUNNING' });
    // A bare "stop" is a command to OpenClaw, which answers it without a run.
    return ack.runId ? 'running' : { type: 'completed', text: '' };
  }

  async function goOn(connection: Connection, follower: Follower): Promise<End | 'running' | undefined> {
    const known = await recoverRun(connection, sessionKey, taskId);
    switch (known.type) {
      case 'unknown':
        return send(connection, follower);
      case 'finished':
        return { type: 'completed', text: known.text };
      case 'failed': {
        translator.resume('', known.text);
        const { detail, reason } = toModelFailure({ errorMessage: known.why });
        return translator.failed(detail, reason);
      }
      case 'lost':
        looks += 1;
        if (looks < looksBeforeLost) return undefined;
        return signal.aborted
          ? toStoppedEnd(signal, translator.text())
          : translator.failed('The agent was restarted and did not go on with this task.', 'AGENT_ERROR');
      case 'running':
        looks = 0;
        follower.expect(known.runId);
        report({ type: 'task', status: 'RUNNING' });
        for (const each of translator.resume(known.before, known.now)) report(each);
        return 'running';
    }
  }
}
