import type { TaskRequest } from '@it0/contracts/bridge';
import { expect } from 'vitest';
import type { startBridge } from './bridge-process.ts';
import { type FakeServer, joinReplyText } from './fake-server.ts';

type BridgeProcess = Awaited<ReturnType<typeof startBridge>>;

type Talk = { server: FakeServer; bridge: BridgeProcess };

/** What a test says to a bridge, each time to the one that `at` names by then: it may have been started again. */
export const createTaskClient = (at: () => Talk) => ({
  send: (message: string, overrides?: Partial<TaskRequest>) => send(at, message, overrides),
  decide: (approvalId: string, decision: string) =>
    at().bridge.request('POST', `/approvals/${approvalId}`, { decision }),
});

/** Hands over a task, and watches what becomes of it. */
async function send(at: () => Talk, message: string, overrides: Partial<TaskRequest> = {}) {
  const { server } = at();
  const task = server.newTask({ message, ...overrides });
  const response = await at().bridge.request('POST', '/task-async', task);
  expect(response.status).toBe(202);
  const { taskId } = task;
  return {
    taskId,
    waitForEnd: () => server.waitForEnd(taskId),
    text: () => joinReplyText(server.reports(taskId)),
    pieces: () => server.reports(taskId).filter(({ type }) => type === 'text').length,
    durable: () => server.durable(taskId),
    steps: () => server.durable(taskId).filter(({ type }) => type === 'tool' || type === 'approval'),
    waitForApproval: async () => {
      const asked = await server.waitForReport(
        taskId,
        (report) => report.type === 'approval' && report.status === 'PENDING',
      );
      return asked.type === 'approval' ? asked.approvalId : '';
    },
    waitForText: (text: string) => server.until(() => joinReplyText(server.reports(taskId)).includes(text)),
    cancel: () => at().bridge.request('DELETE', `/task-async/${taskId}`),
  };
}

/** A reply in Markdown comes in pieces, which make up the text of its end. */
export async function expectStreamedReply(
  { send }: ReturnType<typeof createTaskClient>,
  { message, heading }: (typeof SCRIPTED_REPLIES)[number],
) {
  const task = await send(message);
  const end = await task.waitForEnd();
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
export const SCRIPTED_REPLIES = [
  { message: 'Hello', heading: '## A scripted reply' },
  { message: '你好', heading: '## 脚本回复' },
];
