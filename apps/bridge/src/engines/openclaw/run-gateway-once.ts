import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';

import { delay } from '@it0/node/delay';
import pino from 'pino';
import { createApprovals } from '../../approvals.ts';
import { readAgentEnvironment } from '../../env.ts';
import { openGatewayFolder } from './gateway-folder.ts';
import { createOpenClaw } from './openclaw.ts';

const POLL_MS = 250;
/** The time in which a gateway writes its compiled code to the disk when it ends. */
const STOP_MS = 60_000;

/**
 * Runs a gateway in a new folder until it has answered one message of the scripted model. Returns the folder of the code
 * that Node compiled meanwhile.
 */
export async function runGatewayOnce(dir: string): Promise<string> {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const approvals = createApprovals(dir);
  const engine = createOpenClaw({
    ...{ dir, approvals, log: pino({ level: 'silent' }), environment: readAgentEnvironment() },
    ...{ isSandboxed: true, unsandboxed: null, approvalMs: 1_000, model: null, gateway: null, stopMs: STOP_MS },
  });
  while (!engine.health().ready) await delay(POLL_MS);
  const end = await engine.run({
    task: {
      ...{ taskId: randomUUID(), sessionKey: `it0:${randomUUID()}`, message: 'Hello' },
      ...{ callbackUrl: 'http://127.0.0.1:1/', callbackToken: '', timeoutMs: 600_000, attachments: [], history: [] },
    },
    ...{ files: [], isResumed: false, hasStarted: false, report() {}, signal: new AbortController().signal },
  });
  await engine[Symbol.asyncDispose]();
  approvals[Symbol.dispose]();
  if (end?.type !== 'completed') throw new Error('The gateway did not complete its message.');
  return openGatewayFolder(dir).compileCache;
}
