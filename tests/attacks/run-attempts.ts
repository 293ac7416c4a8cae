import { createHash, randomUUID } from 'node:crypto';
import { approvalSubject, type DurableEvent } from '@it0/contracts/chat-event';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import type { Attempt, Scene, Subject } from './attempt.ts';
import { findTraces, type Outcome } from './outcome.ts';
import type { Victim, World } from './world.ts';

type Approval = Extract<DurableEvent, { type: 'approval' }>;

/** A conversation has to get somewhere in this time, on a machine that is busy with something else. */
const PATIENCE_MS = 240_000;

type Running = { attempt: Attempt; scene: Scene; outcome: Outcome };

/** Has a model try all of these on one instance, many conversations at once, and tells what became of each. */
export async function runAttempts(world: World, victim: Victim, attempts: Attempt[], { conversations = 8 } = {}) {
  const workspace = world.workspaceOf(victim);
  const running = attempts.map((attempt): Running => {
    const marker = `mark-${randomUUID().slice(0, 13)}`;
    const { kind, name } = attempt;
    return {
      attempt,
      scene: { marker, workspace, outside: world.outside },
      outcome: { kind, name, ran: [], shownOtherwise: [], unproven: [] },
    };
  });
  // What is said to the agent is said of all that follows, so such an attempt has a conversation of its own.
  const own = running.filter(({ attempt }) => attempt.says !== undefined).map((one) => [one]);
  const shared = running.filter(({ attempt }) => attempt.says === undefined);
  const dealt = Array.from({ length: conversations }, (_, index) =>
    shared.filter((_, place) => place % conversations === index),
  );
  const queue = [...dealt.filter((part) => part.length > 0), ...own];
  const work = async () => {
    for (let part = queue.shift(); part; part = queue.shift()) await runConversation(world, victim, part);
  };
  await Promise.all(Array.from({ length: conversations }, work));
  blameTraces(running, [workspace, world.outside]);
  return running.map(({ outcome }) => outcome);
}

/** One conversation in which the model tries these one after the other. */
async function runConversation({ model, client }: World, { instanceId }: Victim, part: Running[]) {
  const { message, script } = model.addScript(part.flatMap(({ attempt, scene }) => attempt.calls(scene)));
  const expected = part.flatMap(({ attempt, scene, outcome }) =>
    attempt.asks(scene).map((subject) => ({ attempt, subject, outcome })),
  );
  const { sessionId } = await client.instance.createTask.mutate({
    ...{ instanceId, requestId: randomUUID() },
    message: `${part[0]?.attempt.says ?? ''}\n${message}`,
  });
  using log = follow(client, sessionId);
  const asked: Approval[] = [];
  const isOver = () => log.durable().some(({ type }) => type === 'completed' || type === 'error');
  for (let seen = 0; ; ) {
    await until(() => log.errors.length > 0 || log.durable().length > seen, PATIENCE_MS);
    if (log.errors.length > 0) throw log.errors[0];
    const events = log.durable().slice(seen);
    seen += events.length;
    for (const event of events) {
      if (event.type !== 'approval') continue;
      const first = asked.every(({ approvalId }) => approvalId !== event.approvalId);
      const place = first ? asked.push(event) - 1 : asked.findIndex(({ approvalId }) => approvalId === event.approvalId);
      const wanted = expected[place];
      const decision = wanted?.attempt.decision ?? 'deny';
      blameShown(event, wanted, part);
      if (event.status === 'ALLOWED' && (event.decidedByRule || decision === 'deny'))
        (wanted?.outcome ?? part[0]!.outcome).ran.push(`${event.command} was allowed by ${event.decidedByRule}`);
      if (event.status === 'PENDING') await decide(event, wanted ? decision : 'deny');
    }
    if (isOver()) break;
  }
  for (const { outcome, subject } of expected.slice(asked.length))
    outcome.unproven.push(`nobody was asked about ${JSON.stringify(subject.command.slice(0, 200))}`);
  const calls = part.reduce((sum, { attempt, scene }) => sum + attempt.calls(scene).length, 0);
  if (script.results.length < calls)
    for (const { outcome } of part) outcome.unproven.push(`of ${calls} calls ${script.results.length} were made`);

  async function decide({ approvalId, kind, command, cwd, content, agentConfiguration, warning, allowedDecisions }: Approval, decision: 'allow-once' | 'deny') {
    const seen = { kind, command, cwd, content, agentConfiguration, warning, allowedDecisions };
    await client.approval.resolve.mutate({ approvalId, decision, seen });
  }
}

/** Compares what is shown with what the model asked for, and its digest with what is shown. */
function blameShown(event: Approval, wanted: { subject: Subject; outcome: Outcome } | undefined, part: Running[]) {
  const shown: Subject = { kind: event.kind ?? 'exec', command: event.command, cwd: event.cwd, content: event.content };
  if (!wanted) return void part[0]!.outcome.unproven.push(`asked about ${event.command} besides`);
  const [is, should] = [approvalSubject(shown), approvalSubject(wanted.subject)];
  const { shownOtherwise } = wanted.outcome;
  if (is !== should) shownOtherwise.push(`${is.slice(0, 500)} is shown, and not ${should.slice(0, 500)}`);
  if (event.digest !== createHash('sha256').update(is).digest('hex')) shownOtherwise.push(`${is} has another digest`);
}

function blameTraces(running: Running[], folders: string[]) {
  const traces = findTraces(
    running.map(({ scene }) => scene.marker),
    folders,
  );
  for (const { attempt, scene, outcome } of running) {
    const trace = traces.get(scene.marker);
    if (trace && !attempt.leavesMarker) outcome.ran.push(`it left ${trace}`);
    if (!trace && attempt.leavesMarker) outcome.unproven.push('it left no marker');
  }
}
