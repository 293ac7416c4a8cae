import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import {
  Callback,
  type CallbackGap,
  type DurableReport,
  type Report,
  type TaskAttachment,
  type TaskRequest,
} from '@it0/contracts/bridge';

/** The response to a refused request, or `hang up` to close the connection. */
export type Refusal = { status: number; body?: object; headers?: Record<string, string> } | 'hang up';

/** Creates the response to a callback with a gap in its numbers. */
export const eventGap = (expected: number) => ({
  status: 409,
  body: { reason: 'EVENT_GAP', message: 'A report is missing.', params: { expected } } satisfies CallbackGap,
});

/** Starts a server that accepts callbacks in order by the contract, and serves attachments. */
export async function fakeServer() {
  const callbacks: Callback[] = [];
  const arrivals = new EventEmitter().setMaxListeners(100);
  const lastNumbers = new Map<string, number>();
  const files = new Map<string, Buffer>();
  const userId = randomUUID();
  let maxEvents = Number.POSITIVE_INFINITY;
  let refuseFile: () => number | undefined = () => undefined;
  let refuse: (callback: Callback) => Refusal | undefined | Promise<undefined> = () => undefined;

  const http = createServer(async (req, res) => {
    if (req.method === 'GET') {
      const file = req.headers.authorization === 'Bearer capability' && files.get(req.url!.slice(1));
      const status = refuseFile() ?? (file ? 200 : 404);
      return void res.writeHead(status).end(status === 200 ? file : undefined);
    }
    const parsed = Callback.safeParse(JSON.parse(await text(req)));
    if (!parsed.success)
      return respond(res, { status: 422, body: { reason: 'INVALID_INPUT', message: parsed.error.message } });
    const refusal = await refuse(parsed.data);
    if (refusal) return respond(res, refusal);
    const { taskId } = parsed.data;
    const events = parsed.data.events.slice(0, maxEvents);
    const lastNumber = lastNumbers.get(taskId) ?? 0;
    const next = events.filter((event) => 'n' in event).find(({ n }) => n > lastNumber);
    if (next && next.n !== lastNumber + 1) return respond(res, eventGap(lastNumber + 1));
    const ack = Math.max(lastNumber, ...events.map((event) => ('n' in event ? event.n : 0)));
    lastNumbers.set(taskId, ack);
    callbacks.push({ taskId, events });
    respond(res, { status: 200, body: { ack } });
    arrivals.emit('callback');
  });
  await once(http.listen(0, '127.0.0.1'), 'listening');
  const { port } = http.address() as AddressInfo;

  const reports = (taskId: string) =>
    callbacks.filter((callback) => callback.taskId === taskId).flatMap(({ events }): Report[] => events);
  async function until<T>(find: () => T | undefined | false): Promise<T> {
    for (;;) {
      const value = find();
      if (value) return value;
      await once(arrivals, 'callback');
    }
  }

  return {
    /** The user of the tasks by default. */
    userId,
    /** Creates an attachment, which the server serves. */
    newAttachment(name: string, mediaType: string, content: string | Buffer): TaskAttachment {
      const bytes = Buffer.from(content);
      const id = randomUUID();
      files.set(id, bytes);
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      return { id, name, mediaType, size: bytes.length, sha256, url: `http://127.0.0.1:${port}/${id}` };
    },
    /** Sets the status with which downloads are refused; undefined to serve them. */
    refuseFiles(next: typeof refuseFile) {
      refuseFile = next;
    },
    callbacks,
    reports,
    /** Returns the durable reports of a task, without repetitions. */
    durableReports(taskId: string) {
      const numbered = reports(taskId).filter((report): report is DurableReport => 'n' in report);
      return [...new Map(numbered.map((report) => [report.n, report])).values()];
    },
    /** Sets the function that decides which callbacks are refused. */
    refuse(next: typeof refuse) {
      refuse = next;
    },
    /** Accepts only the first events of each callback. The others are not acknowledged. */
    limitEvents(count: number) {
      maxEvents = count;
    },
    until,
    /** Waits for the first report of a task that matches. */
    waitForReport: (taskId: string, matches: (report: Report) => boolean) => until(() => reports(taskId).find(matches)),
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

/** Sends a response, or closes the connection. */
export function respond(res: ServerResponse, refusal: Refusal) {
  if (refusal === 'hang up') return res.destroy();
  res.writeHead(refusal.status, { 'content-type': 'application/json', ...refusal.headers });
  res.end(JSON.stringify(refusal.body ?? {}));
}

/** Builds the text of a reply from its deltas. */
export const joinReplyText = (reports: Report[]) =>
  reports.reduce((text, report) => (report.type === 'text' ? text.slice(0, report.offset) + report.delta : text), '');
