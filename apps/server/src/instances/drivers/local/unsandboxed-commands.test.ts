import { EventEmitter, once } from 'node:events';
import { existsSync, mkdtempSync, realpathSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { limits } from '@it0/contracts/limits';
import { UnsandboxedResponse } from '@it0/contracts/unsandboxed-command';
import { expect, test } from 'vitest';
import { type ConsumeApproval, serveUnsandboxedCommands } from './unsandboxed-commands.ts';

/** Serves the process of a bridge that the test plays. */
function newBridge(consumeApproval: ConsumeApproval) {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'it0-outside-')));
  const answers: unknown[] = [];
  const ends = new EventEmitter();
  const bridge = Object.assign(new EventEmitter(), {
    connected: true,
    send(answer: { type: string }) {
      answers.push(answer);
      if (answer.type !== 'output') ends.emit('end');
      return true;
    },
  });
  serveUnsandboxedCommands(bridge as unknown as Parameters<typeof serveUnsandboxedCommands>[0], consumeApproval, {
    PATH: process.env.PATH!,
  });
  const ids = { id: crypto.randomUUID(), approvalId: crypto.randomUUID() };
  return {
    ...{ bridge, dir, ids },
    run: (command: string, cwd = dir) =>
      bridge.emit('message', { type: 'run', ...ids, command, cwd, timeoutMs: 60_000 }),
    /** Returns all answers once the command has ended, as the bridge reads them. */
    async answers() {
      if (!answers.some((answer) => (answer as UnsandboxedResponse).type !== 'output')) await once(ends, 'end');
      return answers.map((answer) => UnsandboxedResponse.parse(answer));
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

test('serveUnsandboxedCommands runs a command with the approval that the bridge names', async () => {
  const asked: unknown[] = [];
  using stage = newBridge(async (command) => {
    asked.push(command);
    return null;
  });
  stage.run('pwd; exit 3');
  expect(await stage.answers()).toMatchObject([{ text: `${stage.dir}\n` }, { type: 'end', exitCode: 3 }]);
  expect(asked).toEqual([{ approvalId: stage.ids.approvalId, command: 'pwd; exit 3', cwd: stage.dir }]);
});

test.each([0, 1, limits.detail, limits.detail + 1, 1_000_000])(
  'serveUnsandboxedCommands gives an answer that the bridge can read when an error has %i characters',
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

test('serveUnsandboxedCommands does not run a command in a link, or in a folder that is not there', async () => {
  using stage = newBridge(async () => null);
  const link = join(stage.dir, 'link');
  symlinkSync(stage.dir, link);
  stage.run('touch ran', link);
  const [output, end] = await stage.answers();
  expect(output).toMatchObject({ text: expect.stringContaining(`leads to ${stage.dir}`) });
  expect(end).toMatchObject({ type: 'end', exitCode: 126 });
  expect(existsSync(join(stage.dir, 'ran'))).toBe(false);
});

test.each(['exit', 'disconnect'])(
  'serveUnsandboxedCommands runs nothing more of a bridge after its %s',
  async (event) => {
    const { promise: decided, resolve: decide } = Promise.withResolvers<null>();
    let asked = 0;
    using stage = newBridge(() => {
      asked += 1;
      return decided;
    });
    stage.run('touch ran');
    stage.bridge.emit(event);
    decide(null);
    expect(await stage.answers()).toMatchObject([{ type: 'failed' }]);
    stage.run('touch ran');
    expect(asked).toBe(1);
    expect(existsSync(join(stage.dir, 'ran'))).toBe(false);
  },
);
