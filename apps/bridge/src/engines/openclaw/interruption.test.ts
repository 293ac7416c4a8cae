import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TaskRequest } from '@it0/contracts/bridge';
import { freePort } from '@it0/node/free-port';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import pino from 'pino';
import { expect, test } from 'vitest';
import { createApprovals } from '../../approvals.ts';
import { readAgentEnvironment } from '../../env.ts';
import { temporaryFolder } from '../../testing/folder.ts';
import type { NewReport } from '../engine.ts';
import { createOpenClaw } from './openclaw.ts';

type Approval = Extract<NewReport, { type: 'approval' }>;

const token = 'the token of the tools';
const userId = randomUUID();

/** The engine and its tools without a gateway, on which the test makes the calls of a gateway. */
function newAgent(dir: string, port: number, task: TaskRequest) {
  const approvals = createApprovals(dir);
  const stop = new AbortController();
  const reports: Approval[] = [];
  const engine = createOpenClaw({
    ...{ dir, approvals, log: pino({ level: 'silent' }), environment: readAgentEnvironment() },
    ...{ isSandboxed: false, unsandboxed: null, approvalMs: 600_000, model: null },
    gateway: { address: { url: 'ws://127.0.0.1:1', token: '' }, tools: { port, token } },
  });
  const running = engine.run({
    ...{ task, files: [], isResumed: true, hasStarted: true, signal: stop.signal },
    report: (report) => void (report.type === 'approval' && reports.push(report)),
  });
  const asked = (count: number) => expect.poll(() => reports.length).toBe(count);
  return {
    approvals,
    reports,
    asked,
    /** Ends in the way of a bridge's graceful stop. */
    async close() {
      await engine.close();
      approvals.close();
      return running;
    },
  };
}

/** Connects like a gateway, and makes a call as soon as the task takes calls. */
async function call(port: number, command: string) {
  const client = new Client({ name: 'test', version: '1' });
  const requestInit = { headers: { authorization: `Bearer ${token}` } };
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
  const isEarly = (answer: unknown) => JSON.stringify(answer).includes('No task is running');
  const answer = (async () => {
    for (;;) {
      const result = await client.callTool(request);
      if (!isEarly(result)) return JSON.stringify(result.content);
    }
  })().catch(() => 'no answer');
  return { answer };
}

function newTask(): TaskRequest {
  return {
    ...{ taskId: randomUUID(), sessionKey: 'it0:a', message: 'x', userId, attachments: [], history: [] },
    ...{ callbackUrl: 'http://127.0.0.1:1/callback', callbackToken: 'x', timeoutMs: 3_600_000 },
  };
}

const command = 'echo x >>ran; cat ran';

test('a graceful stop leaves an approval pending, and its decision runs the command once after the next start', async () => {
  using folder = temporaryFolder();
  const [port, task] = [await freePort(), newTask()];
  const before = newAgent(folder.path, port, task);
  const waiting = await call(port, command);
  await before.asked(1);
  const { approvalId } = before.reports[0]!;
  expect(await before.close()).toBeUndefined();
  expect(await waiting.answer).toBe('no answer');
  expect(before.reports).toMatchObject([{ status: 'PENDING' }]);

  const after = newAgent(folder.path, port, task);
  expect(after.approvals.decide(approvalId, 'allow-once')).toBe('decided');
  const repeated = await call(port, command);
  expect(await repeated.answer).toContain('x');
  expect(after.reports).toMatchObject([{ approvalId }, { approvalId, status: 'ALLOWED' }]);
  await call(port, command);
  await after.asked(3);
  expect(after.reports[2]!.approvalId).not.toBe(approvalId);
  await after.close();
  expect(readFileSync(join(folder.path, 'workspaces', userId, 'ran'), 'utf8')).toBe('x\n');
});
