import { toDecisionInput } from '@it0/client/chat-source';
import type { ApprovalDecision } from '@it0/contracts/chat-event';
import { replyTo } from '../gateway/job.ts';
import { type Fault, settled, type World } from '../harness/world.ts';

/** Several people at once, as often as the fault is to be injected. */
async function inTurns({ runs }: World, people: number, live: () => Promise<void>) {
  let left = runs;
  const living = Array.from({ length: people }, async () => {
    while (left-- > 0) await live();
  });
  await settled(living, runs * 2_000);
}

/** How long an approval may stay pending in a test of its expiry. */
const approvalMs = 400;
const quick = { words: 5, pace: 5, tool: 'asked' } as const;
const reasonOf = (error: unknown) => (error as { data?: { reason?: string } }).data?.reason;

/** One card, two devices, two minds: one decision stands, the other is told so. */
async function twoDevices(world: World) {
  const { random, ledger } = world;
  await inTurns(world, 6, async () => {
    const [asker, other] = [await world.operator({ decision: null }), await world.operator({ decision: null })];
    const job = world.job(quick);
    const said = asker.say(job);
    const approval = await asker.asked();
    other.store.open(asker.store.getState().sessionId!);
    ledger.strike();
    const decisions = [
      random.pick<ApprovalDecision>(['allow-once', 'deny']),
      random.pick<ApprovalDecision>(['allow-once', 'deny']),
    ];
    const outcomes = await Promise.allSettled(
      [asker, other].map(async (device, index) => {
        await random.moment(0, 5);
        return device.trpc.approval.resolve.mutate(toDecisionInput(approval, decisions[index]!));
      }),
    );
    const taken = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? decisions[index]! : []));
    if (taken.length === 0) ledger.blame('lost', `nobody could decide ${approval.approvalId}`);
    if (new Set(taken).size > 1) ledger.blame('duplicated', `${approval.approvalId} was decided in two ways`);
    for (const outcome of outcomes) {
      if (
        outcome.status === 'rejected' &&
        !['APPROVAL_DECIDED', 'TASK_ENDED'].includes(reasonOf(outcome.reason) ?? '')
      ) {
        ledger.blame('lost', `who came second was told ${outcome.reason}`);
      }
    }
    const sent = ledger.messages.find(({ text }) => text.includes(job.name))!;
    sent.reply = replyTo(job, taken[0] === 'allow-once');
    await said;
  });
}

/** The card runs out about when it is approved: either the command runs and the card says so, or neither. */
async function expired(world: World) {
  const { random, ledger } = world;
  await inTurns(world, 6, async () => {
    const person = await world.operator({ decision: null });
    const job = world.job(quick);
    const said = person.say(job);
    const approval = await person.asked();
    await random.moment(0, 2 * approvalMs);
    ledger.strike();
    await person.trpc.approval.resolve.mutate(toDecisionInput(approval, 'allow-once')).catch((error: unknown) => {
      if (!['APPROVAL_EXPIRED', 'TASK_ENDED', 'APPROVAL_DECIDED'].includes(reasonOf(error) ?? '')) {
        ledger.blame('lost', `who approved too late was told ${error}`);
      }
    });
    const sent = ledger.messages.find(({ text }) => text.includes(job.name))!;
    sent.reply = null;
    await said;
    const parts = person.screen().get(sent.taskId!)?.parts ?? [];
    const card = parts.find((part) => part.type === 'approval');
    const ran = parts.some((part) => part.type === 'text' && part.text.includes('Done,'));
    if (card?.type !== 'approval' || (card.status === 'ALLOWED') !== ran) {
      ledger.blame(
        'lost',
        `the card says ${card?.type === 'approval' && card.status}, and the command ${ran ? 'ran' : 'did not run'}`,
      );
    }
  });
}

export const approvals: Fault[] = [
  { name: 'two devices decide one card', runs: 120, quick: 10, inject: twoDevices },
  { name: 'an expired card approved', runs: 80, quick: 6, cluster: { approvalMs }, inject: expired },
];
