import { randomUUID } from 'node:crypto';
import { toDecisionInput } from '@it0/client/chat-source';
import { approvalReport } from '@it0/tests/support/approval';
import type { createFixture } from '@it0/tests/support/fixture';
import { follow } from '@it0/tests/support/follow';
import { setRules } from '@it0/tests/support/set-rules';
import { createForm, upload } from '@it0/tests/support/upload';

type World = Awaited<ReturnType<typeof createFixture>>;

/** Creates data of every kind that must survive an upgrade. All tasks end, and nothing expires within years. */
export async function createData(world: World): Promise<void> {
  const { app, client, user, instance } = world;
  const file = await upload(app.url, { cookie: user.cookie }, createForm('磁盘.txt', 'disk usage: 97 %', 'text/plain'));
  const first = await ask(world, { message: 'The disk is full. 磁盘空间不足。', attachmentIds: [file.body.id] });
  const { sessionId } = first;
  await ask(world, { message: 'And the memory?', sessionId });
  const other = await ask(world, { message: 'And the memory of db-2?', sessionId, versionOf: first.taskId });
  await ask(world, { message: 'Thanks', sessionId, branch: other.branch });
  await client.session.update.mutate({ sessionId, title: 'Disks / 磁盘', pinned: true });
  const { sessionId: archived } = await ask(world, { message: 'An older question' });
  await client.session.update.mutate({ sessionId: archived, archived: true });

  await setRules(client, instance.id, [
    { kind: 'exec', pattern: 'df **', action: 'allow' },
    { kind: 'exec', pattern: 'rm **', action: 'deny' },
  ]);
  await client.prompt.create.mutate({ name: 'Disks', text: 'Check the disks of {{host}}', shared: true });
  await client.usage.setPrice.mutate({ model: 'm', currency: 'CNY', input: 10, cachedInput: null, output: 20.5 });
  await app.newUser({ name: 'Grace', email: 'grace@example.com', role: 'viewer' });
}

type Message = { message: string; sessionId?: string; versionOf?: string; branch?: number; attachmentIds?: string[] };

/** Sends a message that is answered with a command, which a person allows. */
async function ask({ client, bridge, instance }: World, message: Message) {
  const ids = await client.instance.createTask.mutate({
    instanceId: instance.id,
    requestId: randomUUID(),
    ...message,
  });
  using events = follow(client, ids.sessionId, '0');
  const task = await bridge.task(message.message);
  const [callId, approval] = ['1', approvalReport({ command: 'df -h' })];
  const tool = { type: 'tool', callId } as const;
  await bridge.report(
    task,
    { ...tool, phase: 'start', name: 'run_command', title: 'df -h', args: '{"command":"df -h"}', textOffset: 0 },
    { ...approval, callId },
  );
  const isThis = ({ taskId }: { taskId: string }) => taskId === ids.taskId;
  await events.next('approval', isThis);
  await client.approval.resolve.mutate(toDecisionInput(approval, 'allow-once'));
  await bridge.report(
    task,
    { ...tool, phase: 'end', status: 'completed', output: '/dev/vda1 97 %', exitCode: 0 },
    {
      ...{ type: 'completed', text: `Re: ${message.message}` },
      usage: { input: 1_000, output: 100, cacheRead: 0, cacheWrite: 0 },
    },
  );
  await events.next('completed', isThis);
  return ids;
}
