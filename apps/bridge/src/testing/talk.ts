import type { TaskRequest } from '@it0/contracts/bridge';
import { expect } from 'vitest';
import type { startBridge } from './bridge-process.ts';
import { type FakeServer, textOf } from './fake-server.ts';

type BridgeProcess = Awaited<ReturnType<typeof startBridge>>;

/** Hands a bridge a task, and watches what becomes of it, in whichever bridge stands there by then. */
export async function send(
  at: { server: FakeServer; bridge: BridgeProcess },
  message: string,
  overrides: Partial<TaskRequest> = {},
) {
  const { server } = at;
  const task = server.task({ message, ...overrides });
  const response = await at.bridge.request('POST', '/task-async', task);
  expect(response.status).toBe(202);
  const { taskId } = task;
  return {
    taskId,
    end: () => server.end(taskId),
    text: () => textOf(server.reports(taskId)),
    durable: () => server.durable(taskId),
    steps: () => server.durable(taskId).filter(({ type }) => type === 'tool' || type === 'approval'),
    asked: async () => {
      const asked = await server.report(taskId, (report) => report.type === 'approval' && report.status === 'PENDING');
      return asked.type === 'approval' ? asked.approvalId : '';
    },
    says: (text: string) => server.until(() => textOf(server.reports(taskId)).includes(text)),
    cancel: () => at.bridge.request('DELETE', `/task-async/${taskId}`),
  };
}
