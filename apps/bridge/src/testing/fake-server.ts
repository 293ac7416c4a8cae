import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  Callback,
  type DurableReport,
  type Report,
  type TaskAttachment,
  type TaskRequest,
} from '@it0/contracts/bridge';

/** What the server does with a callback, instead of taking it. */
export type Refusal = { status: number; body?: object; headers?: Record<string, string> } | 'hang up';

/** The server of a bridge, as far as a bridge can tell: it takes what is in the contract, in order. */
export async function fakeServer() {
  const callbacks: Callback[] = [];
  const arrivals = new EventEmitter().setMaxListeners(100);
  const last = new Map<string, number>();
  const files = new Map<string, Buffer>();
  const userId = randomUUID();
  let mostEvents = Number.POSITIVE_INFINITY;
  let refuseFile: () => number | undefined = () => undefined;
  let refuse: (callback: Callback) => Refusal | undefined | Promise<undefined> = () => undefined;

  const http = createServer(async (req, res) => {
    if (req.method === 'GET') {
      const file = req.headers.authorization === 'Bearer capability' && files.get(req.url!.slice(1));
      const status = refuseFile() ?? (file ? 200 : 404);
      return void res.writeHead(status).end(status === 200 ? file : undefined);
    }
    const parsed = Callback.safeParse(JSON.parse(await text(req)));
    if (!parsed.success) return answer(res, { status: 422, body: { issues: parsed.error.issues } });
    const refusal = await refuse(parsed.data);
    if (refusal) return answer(res, refusal);
    const { taskId } = parsed.data;
    const events = parsed.data.events.slice(0, mostEvents);
    const had = last.get(taskId) ?? 0;
    const next = events.filter((event) => 'n' in event).find(({ n }) => n > had);
    if (next && next.n !== had + 1) return answer(res, { status: 409, body: { expected: had + 1 } });
    const ack = Math.max(had, ...events.map((event) => ('n' in event ? event.n : 0)));
    last.set(taskId, ack);
    callbacks.push({ taskId, events });
    answer(res, { status: 200, body: { ack } });
    arrivals.emit('callback');
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const { port } = http.address() as AddressInfo;

  const reports = (taskId: string) =>
    callbacks.filter((callback) => callback.taskId === taskId).flatMap(({ events }): Report[] => events);
  async function until<T>(look: () => T | undefined | false): Promise<T> {
    for (;;) {
      const found = look();
      if (found) return found;
      await once(arrivals, 'callback');
    }
  }

  return {
    /** The user of the tasks by default. */
    userId,
    /** A file to come with a task. */
    newAttachment(name: string, mediaType: string, content: string | Buffer): TaskAttachment {
      const bytes = Buffer.from(content);
      const id = randomUUID();
      files.set(id, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { id, name, mediaType, size: bytes.length, sha256, url: `http://127.0.0.1:${port}/${id}` };
    },
    /** With which status files are not answered, until told otherwise. */
    refuseFiles(how: typeof refuseFile) {
      refuseFile = how;
    },
    callbacks,
    reports,
    /** As a log has them: what is told again is there once. */
    durable(taskId: string) {
      const numbered = reports(taskId).filter((report): report is DurableReport => 'n' in report);
      return [...new Map(numbered.map((report) => [report.n, report])).values()];
    },
    /** Until told otherwise, what is not taken. */
    refuse(how: typeof refuse) {
      refuse = how;
    },
    /** Takes the first events of each callback. The others are not acknowledged. */
    limitEvents(count: number) {
      mostEvents = count;
    },
    until,
    /** The first report of a task that is as asked for, once it has come. */
    waitForReport: (taskId: string, is: (report: Report) => boolean) => until(() => reports(taskId).find(is)),
    waitForEnd: (taskId: string) =>
      until(() => reports(taskId).find((report) => report.type === 'completed' || report.type === 'error')),
    newTask: (overrides: Partial<TaskRequest> = {}): TaskRequest => ({
      taskId: randomUUID(),
      sessionKey: `it0:${randomUUID()}`,
      message: 'hello',
      userId,
      attachments: [],
      history: [],
      callbackUrl: `http://127.0.0.1:${port}/callback`,
      callbackToken: 'capability',
      timeoutMs: 600_000,
      ...overrides,
    }),
    async [Symbol.asyncDispose]() {
      http.close();
      http.closeAllConnections();
    },
  };
}
export type FakeServer = Awaited<ReturnType<typeof fakeServer>>;

function answer(res: ServerResponse, refusal: Refusal) {
  if (refusal === 'hang up') return res.destroy();
  res.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers });
  res.end(JSON.stringify(refusal.body ?? {}));
}

/** The reply's text as a reader of the reports has it. */
export const joinReplyText = (reports: Report[]) =>
  reports.reduce((text, report) => (report.type === 'text' ? text.slice(0, report.offset) + report.delta : text), '');
