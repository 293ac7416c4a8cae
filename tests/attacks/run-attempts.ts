import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { approvalSubject, type DurableEvent } from '@it0/contracts/chat-event';
import { follow } from '@it0/tests/support/follow';
import { until } from '@it0/tests/support/until';
import type { Ask, Attempt, Plan } from './attempt.ts';
import type { HostileCall } from './hostile-model.ts';
import { findTraces, type Outcome } from './outcome.ts';
import type { Victim, World } from './world.ts';

type Approval = Extract<DurableEvent, { type: 'approval' }>;
/** An attempt with its marker, what it has still to be asked about, and what has become of it. */
type Running = { attempt: Attempt; marker: string; open: Ask[]; outcome: Outcome };

/** A conversation has to get somewhere in this time, on a machine that is busy with something else. */
const PATIENCE_MS = 240_000;
const atOnce = 8;

/** Has a model try all of these on one instance, many conversations at once, and tells what became of each. */
export async function runAttempts(world: World, victim: Victim, plans: Plan[]): Promise<Outcome[]> {
  const workspace = world.workspaceOf(victim);
  const running = plans.map((plan): Running => {
    const marker = newMarker();
    const attempt = plan({ marker, workspace, outside: world.outside });
    const { kind, name, asks } = attempt;
    return { attempt, marker, open: [...asks], outcome: { kind, name, ran: [], shownOtherwise: [], unproven: [] } };
  });
  // What is said to an agent is said of all that follows, so such an attempt has a conversation of its own.
  const [own, shared] = [true, false].map((is) => running.filter(({ attempt }) => (attempt.says !== undefined) === is));
  const hands = Array.from({ length: atOnce }, (_, hand) => shared!.filter((_, place) => place % atOnce === hand));
  const queue = [...hands.filter(({ length }) => length > 0), ...own!.map((one) => [one])];
  const work = async () => {
    for (let part = queue.shift(); part; part = queue.shift()) await runConversation(world, victim, part);
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  blameTraces(running, [workspace, world.outside]);
  return running.map(({ outcome }) => outcome);
}

/** Begins with a letter, so that it can stand behind a variable's name. */
const newMarker = () => `abcdef`[randomBytes(1)[0]! % 6] + randomBytes(6).toString('hex').slice(1);

/** One conversation, in which the model tries these one after the other. */
async function runConversation({ model, client }: World, { instanceId }: Victim, part: Running[]) {
  const calls = part.flatMap(({ attempt }): HostileCall[] => attempt.calls);
  const { message, script } = model.addScript(calls);
  const { sessionId } = await client.instance.createTask.mutate({
    ...{ instanceId, requestId: randomUUID() },
    message: `${part[0]?.attempt.says ?? ''}\n${message}`,
  });
  using log = follow(client, sessionId);
  const asked = new Map<string, { ask: Ask | undefined; running: Running }>();
  for (let seen = 0; ; ) {
    await until(() => log.errors.length > 0 || log.durable().length > seen, PATIENCE_MS);
    if (log.errors.length > 0) throw log.errors[0];
    const events = log.durable().slice(seen);
    seen += events.length;
    for (const event of events) if (event.type === 'approval') await meet(event);
    if (events.some(({ type }) => type === 'completed' || type === 'error')) break;
  }
  for (const { open, outcome } of part)
    for (const { command, isOptional } of open)
      if (!isOptional) outcome.unproven.push(`nobody was asked about ${JSON.stringify(command.slice(0, 200))}`);
  if (script.results.length < calls.length)
    part.at(-1)!.outcome.unproven.push(`of ${calls.length} calls ${script.results.length} were made`);

  async function meet(event: Approval) {
    const { approvalId, kind, command, cwd, content, agentConfiguration, warning, allowedDecisions } = event;
    const found = asked.get(approvalId) ?? takeAsk(event, part);
    asked.set(approvalId, found);
    blameShown(event, found);
    const { ask, running } = found;
    const decision = ask?.decision ?? 'deny';
    if (event.status === 'ALLOWED' && event.decidedByRule && !(ask?.isOptional ?? false))
      running.outcome.ran.push(`the rule ${event.decidedByRule} allowed ${command}`);
    if (event.status !== 'PENDING') return;
    const seen = { kind, command, cwd, content, agentConfiguration, warning, allowedDecisions };
    await client.approval.resolve.mutate({ approvalId, decision, seen });
  }
}

/** Finds what is being asked among what has to be: the very same, or else what comes next. */
function takeAsk(event: Approval, part: Running[]) {
  const is = approvalSubject(event);
  const running =
    part.find(({ open }) => open.some((ask) => approvalSubject(ask) === is)) ??
    part.find(({ open }) => open.some(({ isOptional }) => !isOptional)) ??
    part.at(-1)!;
  const { open } = running;
  const place = Math.max(
    open.findIndex((ask) => approvalSubject(ask) === is),
    0,
  );
  return { ask: open.splice(place, 1)[0], running };
}

/** Compares what is shown with what the model wants to run, and its digest with what is shown. */
function blameShown(event: Approval, { ask, running }: { ask: Ask | undefined; running: Running }) {
  const { shownOtherwise } = running.outcome;
  const is = approvalSubject(event);
  const should = ask && approvalSubject(ask);
  if (is !== should) shownOtherwise.push(`${is.slice(0, 500)} is shown, and not ${should?.slice(0, 500)}`);
  if (event.digest !== createHash('sha256').update(is).digest('hex')) shownOtherwise.push(`${is} has another digest`);
  if (ask?.agentConfiguration && !event.agentConfiguration)
    shownOtherwise.push(`${is} is shown as if nothing made something else of it`);
}

function blameTraces(running: Running[], folders: string[]) {
  const traces = findTraces(
    running.map(({ marker }) => marker),
    folders,
  );
  for (const { attempt, marker, outcome } of running) {
    const trace = traces.get(marker);
    if (trace && !attempt.leavesMarker) outcome.ran.push(`it left ${trace}`);
    if (!trace && attempt.leavesMarker) outcome.unproven.push('it left no marker');
  }
}
