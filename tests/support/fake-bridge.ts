import { type DurableReport, type EphemeralReport, TaskRequest } from '@it0/contracts/bridge';
import { HttpResponse, http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { until } from './until.ts';

type Unnumbered<T> = T extends { n: number } ? Omit<T, 'n'> : T;
export type FakeReport = Unnumbered<DurableReport> | EphemeralReport;
type Respond = () => Response;
type RespondState = (taskId: string) => Response;

/**
 * Starts a fake bridge that implements the contract and is controlled by the test. It responds at `url` in this process
 * only; requests to other addresses are passed through.
 */
export function fakeBridge() {
  const url = 'http://127.0.0.1:61000';
  const tasks: TaskRequest[] = [];
  const cancelled: string[] = [];
  const decisions: { id: string; decision: unknown }[] = [];
  const sent = new Map<string, number>();
  const scripted: Respond[] = [];
  let refusals = 0;
  // On a busy machine a test can be silent for so long that the server asks about its task.
  let respondState: RespondState = (taskId) =>
    tasks.some((task) => task.taskId === taskId)
      ? HttpResponse.json({ taskId, state: 'running', lastN: 0, ackedN: 0 })
      : new HttpResponse(null, { status: 404 });

  const server = setupServer(
    http.post(`${url}/task-async`, async ({ request }) => {
      if (request.headers.get('authorization') !== 'Bearer bridge-secret')
        return new HttpResponse(null, { status: 401 });
      const respond = scripted.shift();
      if (respond) return respond();
      tasks.push(TaskRequest.parse(await request.json()));
      return HttpResponse.json({}, { status: 202 });
    }),
    http.get(`${url}/task-async/:id`, ({ params }) => respondState(String(params.id))),
    http.delete(`${url}/task-async/:id`, ({ params }) => {
      cancelled.push(String(params.id));
      return HttpResponse.json({}, { status: 202 });
    }),
    http.post(`${url}/approvals/:id`, async ({ params, request }) => {
      if (refusals-- > 0) return new HttpResponse(null, { status: 503, headers: { 'retry-after': '0' } });
      decisions.push({ id: String(params.id), ...((await request.json()) as { decision: unknown }) });
      return HttpResponse.json({});
    }),
    http.all('*', () => passthrough()),
  );
  server.listen({ onUnhandledFrame: 'bypass' });

  const post = (task: TaskRequest, body: unknown, token = task.callbackToken) =>
    fetch(task.callbackUrl, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });

  return {
    url,
    tasks,
    cancelled,
    decisions,
    /** Sends these responses to the next task requests, one each, instead of accepting them. */
    respondOnce: (...responses: Respond[]) => void scripted.push(...responses),
    /** Sets the response to requests for the state of a task. By default, each task that was received is running. */
    setTaskState(respond: RespondState) {
      respondState = respond;
    },
    /** Refuses this many decisions with 503. */
    refuseDecisions(times: number) {
      refusals = times;
    },
    /** Waits for the task with this message. */
    task: (message: string) => until(() => tasks.find((task) => task.message === message)),
    post,
    /** Sends reports in one callback, with consecutive numbers for the durable ones. */
    async report(task: TaskRequest, ...reports: FakeReport[]) {
      let n = sent.get(task.taskId) ?? 0;
      const events = reports.map((report) => {
        const isEphemeral = ['text', 'progress', 'model-retry', 'heartbeat'].includes(report.type);
        return isEphemeral ? report : { ...report, n: ++n };
      });
      sent.set(task.taskId, n);
      return post(task, { taskId: task.taskId, events });
    },
    [Symbol.dispose]: () => server.close(),
  };
}
export type FakeBridge = ReturnType<typeof fakeBridge>;
