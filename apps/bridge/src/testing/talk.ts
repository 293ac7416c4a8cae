import type { TaskRequest } from '@it0/contracts/bridge';
import { expect } from 'vitest';
import type { startBridge } from './bridge-process.ts';
import { type FakeServer, textOf } from './fake-server.ts';

type BridgeProcess = Awaited<ReturnType<typeof startBridge>>;

type Talk = { server: FakeServer; bridge: BridgeProcess };

/** What a test says to a bridge, each time to the one that `at` names by then: it may have been started again. */
export const talkTo = (at: () => Talk) => ({
  send: (message: string, overrides?: Partial<TaskRequest>) => send(at, message, overrides),
  decide: (approvalId: string, decision: string) =>
    at().bridge.request('POST', `/approvals/${approvalId}`, { decision }),
});

/** Hands over a task, and watches what becomes of it. */
async function send(at: () => Talk, message: string, overrides: Partial<TaskRequest> = {}) {
  const { server } = at();
  const task = server.task({ message, ...overrides });
  const response = await at().bridge.request('POST', '/task-async', task);
  expect(response.status).toBe(202);
  const { taskId } = task;
  return {
    taskId,
    end: () => server.end(taskId),
    text: () => textOf(server.reports(taskId)),
    pieces: () => server.reports(taskId).filter(({ type }) => type === 'text').length,
    durable: () => server.durable(taskId),
    steps: () => server.durable(taskId).filter(({ type }) => type === 'tool' || type === 'approval'),
    asked: async () => {
      const asked = await server.report(taskId, (report) => report.type === 'approval' && report.status === 'PENDING');
      return asked.type === 'approval' ? asked.approvalId : '';
    },
    says: (text: string) => server.until(() => textOf(server.reports(taskId)).includes(text)),
    cancel: () => at().bridge.request('DELETE', `/task-async/${taskId}`),
  };
}

/** A reply in Markdown comes in pieces, which make up the text of its end. */
export async function streams({ send }: ReturnType<typeof talkTo>, { message, heading }: (typeof replies)[number]) {
  const task = await send(message);
  const end = await task.end();
  expect(end).toMatchObject({ type: 'completed', text: expect.stringContaining(heading) });
  expect(task.pieces()).toBeGreaterThan(5);
  expect(end.type === 'completed' && end.text.startsWith(task.text())).toBe(true);
  expect(task.durable().map(({ n, type }) => [n, type])).toEqual([
    [1, 'task'],
    [2, 'completed'],
  ]);
  return end;
}

/** What the scripted model says when nothing is asked of it. */
export const replies = [
  { message: 'Hello', heading: '## A scripted reply' },
  { message: '你好', heading: '## 脚本回复' },
];
