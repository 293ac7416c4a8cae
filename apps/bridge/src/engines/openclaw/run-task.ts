import { delay } from '@it0/node/delay';
import { GatewayClientRequestError } from '@openclaw/gateway-client';
import { z } from 'zod';
import type { FindCallOffset } from '../../tools/agent-tools.ts';
import { type End, type Run, toStoppedEnd } from '../engine.ts';
import { checkFiles, toGatewayAttachments } from './attachments.ts';
import type { Connection } from './connection.ts';
import { buildMessage } from './earlier-conversation.ts';
import { toModelFailure } from './failure.ts';
import { type GatewayEvent, normalizeSessionKey } from './gateway-event.ts';
import { neutralizeApprove, toPlainMessage } from './neutralize-approve.ts';
import { recoverRun } from './recover-run.ts';
import { createFollower, type Follower } from './run-follower.ts';
import { Translator } from './translator.ts';

/** The gateway as a task uses it. */
export type Gateway = {
  /** Waits for the connection. Resolves with null if the signal aborts or the engine is closed first. */
  waitForConnection(signal: AbortSignal): Promise<Connection | null>;
  /**
   * Subscribes to the events of a session, and to undefined when the connection is lost. Returns the function that
   * unsubscribes.
   */
  listen(session: string, handleEvent: (event: GatewayEvent | undefined) => void): () => void;
  /**
   * Serves the bridge's tools to the session's agent until disposed. `findOffset` returns a call's offset in the reply.
   */
  serveTools(findOffset: FindCallOffset): Promise<AsyncDisposable>;
  /** Aborts the session's run after the next connect. */
  abortOnReconnect(sessionKey: string): void;
  isClosed(): boolean;
};

const Ack = z.object({ runId: z.string().optional() });
const RETRY_MS = 1_000;
const ABORT_TIMEOUT_MS = 5_000;
/**
 * The number of attempts until a run counts as lost. A restarted gateway resumes its runs some time after it is ready: up
 * to 15 seconds on a busy machine.
 */
const MAX_LOST_ATTEMPTS = 30;

/** Runs one task on a gateway, across lost connections and restarts of both sides. Never sends its message twice. */
export async function runTask(run: Run, gateway: Gateway): Promise<End | undefined> {
  const { task, files, isResumed, report, signal } = run;
  const { taskId, sessionKey } = task;
  const session = normalizeSessionKey(sessionKey);
  const translator = new Translator();
  await using _tools = await gateway.serveTools((callId) => translator.findOffset(callId));
  let mayBeSent = isResumed;
  let lostAttempts = 0;

  while (!gateway.isClosed()) {
    const connection = await gateway.waitForConnection(signal);
    if (gateway.isClosed()) return;
    if (!connection) {
      if (mayBeSent) gateway.abortOnReconnect(sessionKey);
      return toStoppedEnd(signal, translator.text);
    }
    const end = await attempt(connection);
    if (end) return end;
    await delay(RETRY_MS);
  }

  /** Follows the task on one connection. Resolves with undefined if the connection is lost before the end. */
  async function attempt(connection: Connection) {
    const follower = createFollower({
      translator,
      report,
      isStillRunning: (runId) =>
        recoverRun(connection, sessionKey, taskId).then(
          (recovered) => recovered.type === 'running' && (recovered.runId ?? runId) === runId,
          () => false,
        ),
      stop: () =>
        connection
          .request('chat.abort', { sessionKey }, { timeoutMs: ABORT_TIMEOUT_MS })
          .catch(() => gateway.abortOnReconnect(sessionKey)),
    });
    const stopListening = gateway.listen(session, follower.handleEvent);
    try {
      const outcome = mayBeSent ? await resume(connection, follower) : await send(connection, follower);
      return outcome === 'running' ? await follower.waitForEnd(signal) : outcome;
    } catch (error) {
      if (error instanceof GatewayClientRequestError && !error.retryable) {
        return translator.fail(`The OpenClaw gateway rejected the message: ${error.message}`, 'AGENT_ERROR');
      }
      // Any other error is a broken connection. The next attempt recovers the task.
    } finally {
      stopListening();
      follower.close();
    }
  }

  async function send(connection: Connection, follower: Follower): Promise<End | 'running'> {
    if (signal.aborted) return toStoppedEnd(signal, translator.text);
    const message = await buildMessage(connection, task);
    const refusal = checkFiles(message, files, connection.getPolicy());
    if (refusal) return refusal;
    const attachments = files.length > 0 ? await toGatewayAttachments(files) : undefined;
    mayBeSent = true;
    follower.expect(taskId);
    const request = { sessionKey, message: neutralizeApprove(message), attachments, idempotencyKey: taskId };
    let ack = Ack.parse(await connection.request('chat.send', request));
    // OpenClaw takes a bare "stop" for a command, and starts no run.
    if (!ack.runId)
      ack = Ack.parse(await connection.request('chat.send', { ...request, message: toPlainMessage(message) }));
    report({ type: 'task', status: 'RUNNING' });
    return ack.runId ? 'running' : { type: 'completed', text: '' };
  }

  async function resume(connection: Connection, follower: Follower): Promise<End | 'running' | undefined> {
    const recovered = await recoverRun(connection, sessionKey, taskId);
    switch (recovered.type) {
      case 'unknown':
        return send(connection, follower);
      case 'finished':
        return { type: 'completed', text: recovered.text };
      case 'failed': {
        translator.resume('', recovered.text);
        const { detail, reason } = toModelFailure({ errorMessage: recovered.error });
        return translator.fail(detail, reason);
      }
      case 'lost':
        lostAttempts += 1;
        if (lostAttempts < MAX_LOST_ATTEMPTS) return undefined;
        return signal.aborted
          ? toStoppedEnd(signal, translator.text)
          : translator.fail('The agent restarted and did not continue this task.', 'AGENT_ERROR');
      case 'running':
        lostAttempts = 0;
        follower.expect(recovered.runId);
        report({ type: 'task', status: 'RUNNING' });
        for (const each of translator.resume(recovered.previousText, recovered.currentText)) report(each);
        return 'running';
    }
  }
}
