import { EventEmitter } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import { limits } from '@it0/contracts/limits';
import type { UnsandboxedRequest } from '@it0/contracts/unsandboxed-command';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Channel, runThroughServer } from './run-unsandboxed.ts';

const requireSpace = async () => {};
const workspace = {
  ...{ root: '/', shared: '/', isSharedWritable: false, taskFolders: [], agentFolders: [] },
  create: () => {},
  requireSpace,
};

/** Starts a command over a channel whose other end is the test. */
function newCommand({ isConnected = true, isAborted = false } = {}) {
  const sent: UnsandboxedRequest[] = [];
  let sendError: Error | null = null;
  const channel = Object.assign(new EventEmitter(), {
    connected: isConnected,
    send(message: UnsandboxedRequest, _handle: unknown, _options: unknown, callback: (error: Error | null) => void) {
      sent.push(message);
      callback(sendError);
      return true;
    },
  });
  const stop = new AbortController();
  if (isAborted) stop.abort();
  let output = '';
  let outcome: unknown;
  const start = () =>
    runThroughServer(channel as unknown as Channel)({
      ...{ approvalId: crypto.randomUUID(), command: 'id', cwd: '/', timeoutMs: 1_000 },
      ...{ workspace, signal: stop.signal },
      onOutput: (text) => (output += text),
    }).then(
      (end) => (outcome = end),
      (error: Error) => (outcome = error),
    );
  return {
    channel,
    sent,
    stop,
    start,
    failToSend: () => (sendError = new Error('closed')),
    output: () => output,
    /** Returns the end or the error of the command; undefined while it runs. */
    async outcome() {
      await setImmediate();
      return outcome;
    },
    reply: (message: object) => channel.emit('message', { id: sent[0]!.id, ...message }),
  };
}

const countListeners = ({ channel }: ReturnType<typeof newCommand>) =>
  ['message', 'disconnect'].map((name) => channel.listenerCount(name));

test('a command that the server runs returns output and end, and ignores messages about other commands', async () => {
  const command = newCommand();
  void command.start();
  expect(command.sent).toMatchObject([{ type: 'run', command: 'id', cwd: '/' }]);
  command.reply({ type: 'output', text: 'a' });
  for (const other of [null, 'text', { id: crypto.randomUUID(), type: 'failed' }, { type: 'end' }])
    command.channel.emit('message', other);
  command.reply({ type: 'output', text: 'b' });
  expect(await command.outcome()).toBeUndefined();
  command.reply({ type: 'end', exitCode: 3, stoppedBy: null });
  expect(await command.outcome()).toEqual({ exitCode: 3, stoppedBy: null });
  expect(command.output()).toBe('ab');
  expect(countListeners(command)).toEqual([0, 0]);
});

test('a command that the server runs ends with any message about it except output', async () => {
  const value = fc.oneof(fc.anything(), fc.constant('x'.repeat(limits.detail + 1)), fc.double());
  const reply = fc.record(
    {
      type: fc.oneof(fc.constantFrom('output', 'end', 'failed', 'run'), value),
      ...{ text: value, message: value, exitCode: value, stoppedBy: value },
    },
    { requiredKeys: [] },
  );
  await fc.assert(
    fc.asyncProperty(reply, async (message) => {
      const command = newCommand();
      void command.start();
      command.reply(message);
      const isOutput = message.type === 'output' && typeof message.text === 'string';
      expect((await command.outcome()) === undefined).toBe(isOutput);
      expect(countListeners(command)).toEqual(isOutput ? [1, 1] : [0, 0]);
    }),
    { numRuns: 200 },
  );
});

test('a command that the server runs ends when it is stopped, and the server is notified', async () => {
  const command = newCommand();
  void command.start();
  command.stop.abort();
  expect(await command.outcome()).toEqual({ exitCode: null, stoppedBy: 'cancel' });
  expect(command.sent).toMatchObject([{ type: 'run' }, { type: 'stop', id: command.sent[0]!.id }]);
});

test.each([
  ['is not sent after its task was stopped', { isAborted: true }, () => {}, 0],
  ['is not sent without a server', { isConnected: false }, () => {}, 0],
  ['ends when the server disconnects', {}, ({ channel }) => channel.emit('disconnect'), 1],
] as [string, object, (command: ReturnType<typeof newCommand>) => void, number][])(
  'a command outside the sandbox %s',
  async (_, options, act, sent) => {
    const command = newCommand(options);
    void command.start();
    act(command);
    expect(await command.outcome()).toBeInstanceOf(Error);
    expect(command.sent).toHaveLength(sent);
    expect(countListeners(command)).toEqual([0, 0]);
  },
);

test('a command outside the sandbox ends when it cannot be sent', async () => {
  const command = newCommand();
  command.failToSend();
  void command.start();
  expect(await command.outcome()).toMatchObject({ message: expect.stringContaining('server') });
});
