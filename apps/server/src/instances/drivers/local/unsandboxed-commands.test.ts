import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { UnsandboxedResponse } from '@it0/contracts/unsandboxed-command';
import { expect, test } from 'vitest';
import { type ConsumeApproval, serveUnsandboxedCommands } from './unsandboxed-commands.ts';

/** Creates a fake bridge process and serves its commands. */
function newBridge(consumeApproval: ConsumeApproval) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'it0-outside-')));
  const answers: unknown[] = [];
  const ends = new EventEmitter();
  const child = Object.assign(new EventEmitter(), {
    connected: true,
    send(answer: { type: string }) {
      answers.push(answer);
      if (answer.type !== 'output') ends.emit('end');
      return true;
    },
  });
  serveUnsandboxedCommands(child as unknown as Parameters<typeof serveUnsandboxedCommands>[0], consumeApproval, {
    PATH: process.env.PATH!,
  });
  const ids = { id: crypto.randomUUID(), approvalId: crypto.randomUUID() };
  return {
    ...{ process: child, dir, ids },
    run: (command: string, cwd = dir) =>
      child.emit('message', { type: 'run', ...ids, command, cwd, timeoutMs: 60_000 }),
    /** Returns all answers once the command has ended, as the bridge reads them. */
    async answers() {
      if (!answers.some((answer) => (answer as UnsandboxedResponse).type !== 'output')) await once(ends, 'end');
      return answers.map((answer) => UnsandboxedResponse.parse(answer));
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

test('serveUnsandboxedCommands runs a command with the approval that the bridge names', async () => {
  const requests: unknown[] = [];
  using bridge = newBridge(async (command) => {
    requests.push(command);
    return null;
  });
  bridge.run('pwd; exit 3');
  expect(await bridge.answers()).toMatchObject([{ text: `${bridge.dir}\n` }, { type: 'end', exitCode: 3 }]);
  expect(requests).toEqual([{ approvalId: bridge.ids.approvalId, command: 'pwd; exit 3', cwd: bridge.dir }]);
});

test.each([0, 1, limits.detail, limits.detail + 1, 1_000_000])(
  'serveUnsandboxedCommands sends a valid response when an error has %i characters',
  async (length) => {
    for (const character of ['x', '\u{1f600}', '\ud800']) {
      using refusing = newBridge(async () => character.repeat(length));
      refusing.run('true');
      expect(await refusing.answers()).toMatchObject([{ type: 'failed', id: refusing.ids.id }]);
      using failing = newBridge(() => Promise.reject(new Error(character.repeat(length))));
      failing.run('true');
      expect(await failing.answers()).toMatchObject([{ type: 'failed' }]);
    }
  },
);

test('serveUnsandboxedCommands does not run a command in a link or a missing folder', async () => {
  using bridge = newBridge(async () => null);
  const link = join(bridge.dir, 'link');
  symlinkSync(bridge.dir, link);
  bridge.run('touch ran', link);
  const [output, end] = await bridge.answers();
  expect(output).toMatchObject({ text: expect.stringContaining(`leads to ${bridge.dir}`) });
  expect(end).toMatchObject({ type: 'end', exitCode: 126 });
  expect(existsSync(join(bridge.dir, 'ran'))).toBe(false);
});

test.each(['exit', 'disconnect'])(
  'serveUnsandboxedCommands stops commands and starts no more after the %s of a bridge',
  async (event) => {
    const { promise: decided, resolve: decide } = Promise.withResolvers<null>();
    let requestCount = 0;
    using bridge = newBridge(() => {
      requestCount += 1;
      return decided;
    });
    bridge.run('touch ran');
    bridge.process.emit(event);
    decide(null);
    expect(await bridge.answers()).toMatchObject([{ type: 'failed' }]);
    bridge.run('touch ran');
    expect(requestCount).toBe(1);
    expect(existsSync(join(bridge.dir, 'ran'))).toBe(false);
  },
);
