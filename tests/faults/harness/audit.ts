import { existsSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { findAnswer } from '@it0/client/reduce-chat';
import type { DurableEvent } from '@it0/contracts/chat-event';
import type { Message } from '@it0/contracts/message';
import { readRows } from '../gateway/history.ts';
import { getTracePrefix } from '../gateway/job.ts';
import type { Cluster } from './cluster.ts';
import type { Ledger, SentMessage } from './ledger.ts';
import { connectAs, type Operator } from './operator.ts';

type Client = ReturnType<typeof connectAs>['trpc'];

/** Compares the sent messages with the final state of the log, history, gateway, workspace and all screens. */
export async function audit(cluster: Cluster, ledger: Ledger, operators: Operator[]) {
  const connection = connectAs(cluster.serverPorts[0]!, cluster.cookie);
  try {
    const traces = listTraces(cluster);
    const sessions = new Set(ledger.messages.flatMap(({ sessionId }) => sessionId ?? []));
    for (const sessionId of sessions) {
      const sent = ledger.messages.filter((message) => message.sessionId === sessionId);
      const messages = await fetchMessages(connection.trpc, sessionId);
      auditHistory(ledger, sent, messages);
      const log = await fetchLog(connection.trpc, ledger, sessionId);
      auditLog(ledger, sent, log);
      auditCommands(ledger, sent, log, traces);
    }
    for (const trace of traces) rmSync(join(cluster.workspace, trace), { recursive: true });
    for (const operator of operators) auditScreen(ledger, operator);
    for (const { requestId, taskId } of ledger.messages) {
      if (!taskId) ledger.blame('endless', `message ${requestId} was never acknowledged`);
    }
    auditGateway(ledger, cluster);
    const { rows } = await cluster.db.pool.query('SELECT "taskId" FROM public."Dispatch"');
    for (const { taskId } of rows) {
      if (ledger.messages.some((message) => message.taskId === taskId)) {
        ledger.blame('endless', `task ${taskId} still has a dispatch`);
      }
    }
  } finally {
    await connection.close();
  }
}

async function fetchMessages({ session }: Client, sessionId: string): Promise<Message[]> {
  const messages: Message[] = [];
  for (let cursor: string | undefined; ; ) {
    const page = await session.messages.query({ sessionId, cursor, limit: 200 });
    messages.unshift(...page.messages);
    if (!page.nextCursor) return messages;
    cursor = page.nextCursor;
  }
}

/** Fetches the log like a new subscriber. */
async function fetchLog({ session }: Client, ledger: Ledger, sessionId: string): Promise<DurableEvent[]> {
  const { seq } = await session.messages.query({ sessionId });
  const inspect = ledger.createInspector('a new subscriber', 0);
  const log: DurableEvent[] = [];
  await new Promise<void>((resolve, reject) => {
    const subscription = session.onEvent.subscribe(
      { sessionId, lastEventId: '0' },
      {
        onData({ data }) {
          inspect(data);
          for (const event of data) if ('seq' in event) log.push(event);
          if ((log.at(-1)?.seq ?? 0) < seq) return;
          subscription.unsubscribe();
          resolve();
        },
        onError: reject,
      },
    );
  });
  return log;
}

function auditHistory(ledger: Ledger, sent: SentMessage[], messages: Message[]) {
  const questions = messages.filter(({ role }) => role === 'user');
  const inOrder = sent.toSorted((a, b) => a.sentAt - b.sentAt).map(({ taskId }) => taskId);
  if (questions.map(({ taskId }) => taskId).join() !== inOrder.join()) {
    ledger.blame(
      'outOfOrder',
      `the ${questions.length} messages of the history and the ${sent.length} sent ones differ in order`,
    );
  }
  for (const message of sent) {
    const copies = questions.filter(({ taskId }) => taskId === message.taskId);
    const responses = messages.filter(({ role, taskId }) => role === 'assistant' && taskId === message.taskId);
    if (copies.length === 0) ledger.blame('lost', `message ${message.taskId} is not in the history`);
    if (copies.length > 1)
      ledger.blame('duplicated', `message ${message.taskId} is in the history ${copies.length} times`);
    if (responses.length > 1) ledger.blame('duplicated', `message ${message.taskId} has ${responses.length} replies`);
    const [response] = responses;
    if (!response) ledger.blame('endless', `message ${message.taskId} has no reply and no end`);
    else
      auditReply(
        ledger,
        message,
        { status: response.status, reason: response.reason, detail: response.detail, parts: response.parts },
        'the history',
      );
  }
}

function auditReply(
  ledger: Ledger,
  { taskId, reply, ends }: SentMessage,
  response: Pick<NonNullable<ReturnType<typeof findAnswer>>, 'parts' | 'reason' | 'detail'> & { status: string | null },
  where: string,
) {
  if (!ends.some((end) => end === response.status)) {
    return ledger.blame(
      'lost',
      `${where}: message ${taskId} ended ${response.status} ${response.reason}: ${response.detail}`,
    );
  }
  if (reply === null || response.status !== 'COMPLETED') return;
  const text = response.parts.map((part) => (part.type === 'text' ? part.text : '')).join('');
  const plain = (value: string) => value.replaceAll(/\s+/g, '');
  if (plain(text) === plain(reply)) return;
  ledger.blame(
    'lost',
    `${where}: the reply to ${taskId} is ${JSON.stringify(text.slice(0, 300))}, not ${JSON.stringify(reply.slice(0, 300))}`,
  );
}

function auditLog(ledger: Ledger, sent: SentMessage[], log: DurableEvent[]) {
  for (const { taskId } of sent) {
    const ownEvents = log.filter((event) => event.taskId === taskId);
    const ends = ownEvents.filter((event) => event.type === 'error' || (event.type === 'completed' && !event.late));
    const questions = ownEvents.filter(({ type }) => type === 'message');
    if (questions.length !== 1)
      ledger.blame(questions.length ? 'duplicated' : 'lost', `the log has ${questions.length} messages of ${taskId}`);
    if (ends.length !== 1)
      ledger.blame(ends.length ? 'duplicated' : 'endless', `the log has ${ends.length} ends of ${taskId}`);
  }
}

const listTraces = ({ workspace }: Cluster) => (existsSync(workspace) ? readdirSync(workspace) : []);

/** Checks that no command ran more often than it was allowed, and that each reported run left a trace. */
function auditCommands(ledger: Ledger, sent: SentMessage[], log: DurableEvent[], traces: string[]) {
  for (const { taskId, job } of sent) {
    const ownEvents = log.filter((event) => event.taskId === taskId);
    const approvals = new Map(
      ownEvents.flatMap((event) => (event.type === 'approval' ? [[event.approvalId, event]] : [])),
    );
    const allowed = [...approvals.values()].filter(({ status }) => status === 'ALLOWED').length;
    const reported = ownEvents.filter(
      (event) => event.type === 'tool' && event.phase === 'end' && event.status === 'completed',
    );
    const isDone = ownEvents.some((event) => event.type === 'completed' && event.text.includes('Done,'));
    const ran = traces.filter((trace) => trace.startsWith(getTracePrefix(job))).length;
    if (ran > allowed)
      ledger.blame('duplicated', `the command of ${taskId} ran ${ran} times, and was allowed ${allowed} times`);
    const minimum = Math.max(reported.length, isDone && job.tool ? 1 : 0);
    if (ran < minimum)
      ledger.blame('lost', `the command of ${taskId} ran ${ran} times, and ${minimum} runs were reported`);
  }
}

function auditScreen(ledger: Ledger, { name, store, screen }: Operator) {
  const taskIds = new Set(store.getState().turns.map(({ taskId }) => taskId));
  const responses = screen();
  for (const message of ledger.messages) {
    if (!message.taskId || !taskIds.has(message.taskId)) continue;
    const response = responses.get(message.taskId);
    if (response) auditReply(ledger, message, response, `${name}'s screen`);
  }
}

/** Checks that the gateway got each message at most once. */
function auditGateway(ledger: Ledger, { gateway, gatewayHistory }: Cluster) {
  if (!gateway) return;
  const sends = new Map<string, number>();
  for (const { idempotencyKey } of readRows(gatewayHistory)) {
    if (idempotencyKey) sends.set(idempotencyKey, (sends.get(idempotencyKey) ?? 0) + 1);
  }
  for (const { taskId } of ledger.messages) {
    const times = sends.get(`${taskId}:user`) ?? 0;
    if (times > 1) ledger.blame('duplicated', `the gateway got ${taskId} ${times} times`);
  }
}
