import { type DurableReport, type EphemeralReport, TaskRequest } from '@it0/contracts/bridge';
import { HttpResponse, http, passthrough } from 'msw';
import { setupServer } from 'msw/node';
import { until } from './until.ts';

type Unnumbered<T> = T extends { n: number } ? Omit<T, 'n'> : T;
export type FakeReport = Unnumbered<DurableReport> | EphemeralReport;
type Reply = () => Response;
type State = (taskId: string) => Response;

/**
 * A bridge that is bound to the same contract as the real one and does what the test says. It answers at `url` inside
 * this process only; requests to other addresses go where they always go.
 */
export function fakeBridge() {
  const url = 'http://127.0.0.1:61000';
  const tasks: TaskRequest[] = [];
  const cancelled: string[] = [];
  const decisions: { id: string; decision: unknown }[] = [];
  const sent = new Map<string, number>();
  const scripted: Reply[] = [];
  let refusals = 0;
  let known: State = () => new HttpResponse(null, { status: 404 });

  const server = setupServer(
    http.post(`${url}/task-async`, async ({ request }) => {
      if (request.headers.get('authorization') !== 'Bearer bridge-secret')
        return new HttpResponse(null, { status: 401 });
      const reply = scripted.shift();
      if (reply) return reply();
      tasks.push(TaskRequest.parse(await request.json()));
      return HttpResponse.json({}, { status: 202 });
    }),
    http.get(`${url}/task-async/:id`, ({ params }) => known(String(params.id))),
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
    /** Answers the next hand-overs with these, one each, instead of taking them. */
    answerOnce: (...replies: Reply[]) => void scripted.push(...replies),
    /** What it says when it is asked for a task; without it, that it never had it. */
    knows(state: State) {
      known = state;
    },
    /** Cannot take this many decisions. */
    refuseDecisions(times: number) {
      refusals = times;
    },
    /** The task with this message, once it has arrived. */
    task: (message: string) => until(() => tasks.find((task) => task.message === message)),
    post,
    /** Reports as a bridge does: durable reports numbered on, everything in one callback. */
    async report(task: TaskRequest, ...reports: FakeReport[]) {
      let n = sent.get(task.taskId) ?? 0;
      const events = reports.map((report) => {
        const ephemeral = report.type === 'text' || report.type === 'progress' || report.type === 'heartbeat';
        return ephemeral ? report : { ...report, n: ++n };
      });
      sent.set(task.taskId, n);
      return post(task, { taskId: task.taskId, events });
    },
    [Symbol.dispose]: () => server.close(),
  };
}
export type FakeBridge = ReturnType<typeof fakeBridge>;
