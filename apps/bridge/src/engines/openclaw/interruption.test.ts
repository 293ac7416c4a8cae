import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskRequest } from '@it0/contracts/bridge';
import { findFreePort } from '@it0/node/free-port';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createApprovals } from '../../approvals.ts';
import { readAgentEnvironment } from '../../env.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import type { NewReport } from '../engine.ts';
import { createOpenClaw } from './openclaw.ts';

type Approval = Extract<NewReport, { type: 'approval' }>;

const TOKEN = 'the token of the tools';
const userId = randomUUID();

/** Creates the engine and its tools. The test makes the calls of the gateway. */
function newAgent(dir: string, port: number, task: TaskRequest) {
  const approvals = createApprovals(dir);
  const stop = new AbortController();
  const reports: Approval[] = [];
  const engine = createOpenClaw({
    ...{ dir, approvals, log: pino({ level: 'silent' }), environment: readAgentEnvironment() },
    ...{ isSandboxed: false, unsandboxed: null, approvalMs: 600_000, model: null },
    gateway: { address: { url: 'ws://127.0.0.1:1', token: '' }, tools: { port, token: TOKEN } },
  });
  const run = engine.run({
    ...{ task, files: [], isResumed: true, hasStarted: true, signal: stop.signal },
    report: (report) => void (report.type === 'approval' && reports.push(report)),
  });
  const waitForReports = (count: number) => expect.poll(() => reports.length).toBe(count);
  return {
    approvals,
    reports,
    waitForReports,
    /** Closes in the order of a bridge's graceful stop. */
    async close() {
      await engine[Symbol.asyncDispose]();
      approvals[Symbol.dispose]();
      return run;
    },
  };
}

/** Connects like a gateway, and makes a call as soon as the task accepts calls. */
async function call(port: number, command: string) {
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${TOKEN}` } };
  const url = new URL(`http://127.0.0.1:${port}/mcp`);
  await expect
    .poll(() =>
      fetch(url).then(
        () => true,
        () => false,
      ),
    )
    .toBe(true);
  await client.connect(new StreamableHTTPClientTransport(url, { requestInit }));
  const identity = { session: 'agent:main:it0:a', run: 'run', call: randomUUID() };
  const request = { name: 'run_command', arguments: { command, _it0: identity } };
  const isTooEarly = (response: unknown) => JSON.stringify(response).includes('No task is running');
  const response = (async () => {
    for (;;) {
      const result = await client.callTool(request);
      if (!isTooEarly(result)) return JSON.stringify(result.content);
    }
  })().catch(() => 'no answer');
  return { response };
}

function newTask(): TaskRequest {
  return {
    ...{ taskId: randomUUID(), sessionKey: 'it0:a', message: 'x', userId, attachments: [], history: [] },
    ...{ callbackUrl: 'http://127.0.0.1:1/callback', callbackToken: 'x', timeoutMs: 3_600_000 },
  };
}

const COMMAND = 'echo x >>ran; cat ran';

test('a graceful stop leaves an approval pending, and its decision runs the command once after the next start', async () => {
  using folder = temporaryFolder();
  const [port, task] = [await findFreePort(), newTask()];
  const before = newAgent(folder.path, port, task);
  const waiting = await call(port, COMMAND);
  await before.waitForReports(1);
  const { approvalId } = before.reports[0]!;
  expect(await before.close()).toBeUndefined();
  expect(await waiting.response).toBe('no answer');
  expect(before.reports).toMatchObject([{ status: 'PENDING' }]);

  const after = newAgent(folder.path, port, task);
  expect(after.approvals.decide(approvalId, 'allow-once')).toBe('decided');
  const repeated = await call(port, COMMAND);
  expect(await repeated.response).toContain('x');
  expect(after.reports).toMatchObject([{ approvalId }, { approvalId, status: 'ALLOWED' }]);
  await call(port, COMMAND);
  await after.waitForReports(3);
  expect(after.reports[2]!.approvalId).not.toBe(approvalId);
  await after.close();
  expect(readFileSync(join(folder.path, 'workspaces', userId, 'ran'), 'utf8')).toBe('x\n');
});
