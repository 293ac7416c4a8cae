import { toDecisionInput } from '@it0/client/chat-source';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { formatReply } from '../gateway/job.ts';
import { type Fault, settle, type World } from '../harness/world.ts';

/** Repeats a run for all injections, with several people at once. */
async function repeatConcurrently({ runs }: World, people: number, run: () => Promise<void>) {
  let remaining = runs;
  const workers = Array.from({ length: people }, async () => {
    while (remaining-- > 0) await run();
  });
  await settle(workers, runs * 2_000);
}

/** How long an approval may stay pending in a test of its expiry. */
const APPROVAL_MS = 400;
const quick = { words: 5, pace: 5, tool: 'manual' } as const;
const getReason = (error: unknown) => (error as { data?: { reason?: string } }).data?.reason;

/** Decides one approval on two devices. Exactly one decision must count, and the other must be refused. */
async function decideOnTwoDevices(world: World) {
  const { random, ledger } = world;
  await repeatConcurrently(world, 6, async () => {
    const [sender, other] = [await world.newOperator({ decision: null }), await world.newOperator({ decision: null })];
    const job = world.newJob(quick);
    const sending = sender.send(job);
    const approval = await sender.waitForApproval();
    other.store.open(sender.store.getState().sessionId!);
    ledger.recordInjection();
    const decisions = [
      random.pick<ApprovalDecision>(['allow-once', 'deny']),
      random.pick<ApprovalDecision>(['allow-once', 'deny']),
    ];
    const outcomes = await Promise.allSettled(
      [sender, other].map(async (device, index) => {
        await random.moment(0, 5);
        return device.trpc.approval.resolve.mutate(toDecisionInput(approval, decisions[index]!));
      }),
    );
    const accepted = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? decisions[index]! : []));
    if (accepted.length === 0) ledger.blame('lost', `no device could decide ${approval.approvalId}`);
    if (new Set(accepted).size > 1) ledger.blame('duplicated', `${approval.approvalId} was decided in two ways`);
    for (const outcome of outcomes) {
      if (
        outcome.status === 'rejected' &&
        !['APPROVAL_DECIDED', 'TASK_ENDED'].includes(getReason(outcome.reason) ?? '')
      ) {
        ledger.blame('lost', `the second decision failed with ${outcome.reason}`);
      }
    }
    const sent = ledger.messages.find(({ text }) => text.includes(job.name))!;
    sent.reply = formatReply(job, accepted[0] === 'allow-once');
    await sending;
  });
}

/** Approves about when the approval expires. The status must agree with whether the command ran. */
async function approveExpired(world: World) {
  const { random, ledger } = world;
  await repeatConcurrently(world, 6, async () => {
    const person = await world.newOperator({ decision: null });
    const job = world.newJob(quick);
    const sending = person.send(job);
    const approval = await person.waitForApproval();
    await random.moment(0, 2 * APPROVAL_MS);
    ledger.recordInjection();
    await person.trpc.approval.resolve.mutate(toDecisionInput(approval, 'allow-once')).catch((error: unknown) => {
      if (!['APPROVAL_EXPIRED', 'TASK_ENDED', 'APPROVAL_DECIDED'].includes(getReason(error) ?? '')) {
        ledger.blame('lost', `the late decision failed with ${error}`);
      }
    });
    const sent = ledger.messages.find(({ text }) => text.includes(job.name))!;
    sent.reply = null;
    await sending;
    const parts = person.screen().get(sent.taskId!)?.parts ?? [];
    const card = parts.find((part) => part.type === 'approval');
    const ran = parts.some((part) => part.type === 'text' && part.text.includes('Done,'));
    if (card?.type !== 'approval' || (card.status === 'ALLOWED') !== ran) {
      ledger.blame(
        'lost',
        `the status is ${card?.type === 'approval' && card.status}, and the command ${ran ? 'ran' : 'did not run'}`,
      );
    }
  });
}

export const approvals: Fault[] = [
  { name: 'two devices decide one approval', runs: 120, quick: 10, inject: decideOnTwoDevices },
  {
    name: 'an expired approval decided',
    runs: 80,
    quick: 6,
    cluster: { approvalMs: APPROVAL_MS },
    inject: approveExpired,
  },
];
