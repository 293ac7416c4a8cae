import type { TaskRequest } from '@it0/contracts/bridge';
import { expect } from 'vitest';
import type { startBridge } from './bridge-process.ts';
import { type FakeServer, joinReplyText } from './fake-server.ts';

type BridgeProcess = Awaited<ReturnType<typeof startBridge>>;

type Endpoints = { server: FakeServer; bridge: BridgeProcess };

/** Creates a client that sends tasks to a bridge. `getEndpoints` returns the current bridge, which a test may restart. */
export const createTaskClient = (getEndpoints: () => Endpoints) => ({
  send: (message: string, overrides?: Partial<TaskRequest>) => send(getEndpoints, message, overrides),
  decide: (approvalId: string, decision: string) =>
    getEndpoints().bridge.request('POST', `/approvals/${approvalId}`, { decision }),
});

/** Sends a task, and returns functions that observe it. */
async function send(getEndpoints: () => Endpoints, message: string, overrides: Partial<TaskRequest> = {}) {
  const { server } = getEndpoints();
  const task = server.newTask({ message, ...overrides });
  const response = await getEndpoints().bridge.request('POST', '/task-async', task);
  expect(response.status).toBe(202);
  const { taskId } = task;
  return {
    taskId,
    waitForEnd: () => server.waitForEnd(taskId),
    text: () => joinReplyText(server.reports(taskId)),
    deltaCount: () => server.reports(taskId).filter(({ type }) => type === 'text').length,
    durable: () => server.durableReports(taskId),
    steps: () => server.durableReports(taskId).filter(({ type }) => type === 'tool' || type === 'approval'),
    waitForApproval: async () => {
      const report = await server.waitForReport(
        taskId,
        (report) => report.type === 'approval' && report.status === 'PENDING',
      );
      return report.type === 'approval' ? report.approvalId : '';
    },
    waitForText: (text: string) => server.until(() => joinReplyText(server.reports(taskId)).includes(text)),
    cancel: () => getEndpoints().bridge.request('DELETE', `/task-async/${taskId}`),
  };
}

/** Checks that the reply streams in several deltas, which make up the text of its end. Returns the end. */
export async function expectStreamedReply(
  { send }: ReturnType<typeof createTaskClient>,
  { message, heading }: (typeof SCRIPTED_REPLIES)[number],
) {
  const task = await send(message);
  const end = await task.waitForEnd();
  expect(end).toMatchObject({ type: 'completed', text: expect.stringContaining(heading) });
  expect(task.deltaCount()).toBeGreaterThan(5);
  expect(end.type === 'completed' && end.text.startsWith(task.text())).toBe(true);
  expect(task.durable().map(({ n, type }) => [n, type])).toEqual([
    [1, 'task'],
    [2, 'completed'],
  ]);
  return end;
}

/** Messages without a keyword of the scripted model, and the headings of its replies. */
export const SCRIPTED_REPLIES = [
  { message: 'Hello', heading: '## A scripted reply' },
  { message: '你好', heading: '## 脚本回复' },
];
