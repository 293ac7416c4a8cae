import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProcess } from './run-process.ts';
import { FOLDER_REFUSED, wrapCommand } from './shell-command.ts';

/** Creates a temporary folder that is deleted when disposed, and runs commands. */
function newWorld() {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'it0-shell-')));
  return {
    at: (name: string) => join(dir, name),
    async run(command: string, cwd: string, setup?: string) {
      let output = '';
      const { exitCode } = await runProcess({
        argv: wrapCommand(command, cwd, setup),
        ...{ cwd: '/', env: { PATH: process.env.PATH! }, timeoutMs: 60_000, maxOutputBytes: 1_000_000 },
        signal: new AbortController().signal,
        onOutput: (text) => (output += text),
      });
      return { exitCode, output };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true }),
  };
}

test.each(['a', ' a b ', '-', '-P', '$HOME', "it's", '"', '\\', '*', 'a\n', '\n.', '中 ‮', '~'])(
  'wrapCommand runs a command in a folder named %j, and not in a link to it',
  async (name) => {
    using stage = newWorld();
    mkdirSync(stage.at(name));
    mkdirSync(stage.at('above'));
    symlinkSync(stage.at(name), stage.at('link'));
    symlinkSync('..', stage.at('above/up'));
    const done = await stage.run('touch done; echo one; echo two >&2; exit 3', stage.at(name));
    expect(done).toEqual({ exitCode: 3, output: 'one\ntwo\n' });
    for (const link of [stage.at('link'), stage.at(`above/up/${name}`)]) {
      const refused = await stage.run('echo ran', link);
      expect(refused).toMatchObject({ exitCode: FOLDER_REFUSED, output: expect.stringContaining(link) });
      expect(refused.output).toContain(`leads to ${stage.at(name)}. Call it again`);
    }
  },
);

test('wrapCommand refuses a link to a folder whose name is the approved one with line breaks after it', async () => {
  using stage = newWorld();
  for (const ending of ['\n', '\n\n', '\n.']) {
    mkdirSync(stage.at(`a${ending}`));
    symlinkSync(`a${ending}`, stage.at('a'));
    expect(await stage.run('echo ran', stage.at('a'))).toMatchObject({ exitCode: FOLDER_REFUSED });
    rmSync(stage.at('a'));
  }
});

test('wrapCommand stays in the folder that it checked when a link replaces it afterwards', async () => {
  using stage = newWorld();
  mkdirSync(stage.at('a'));
  mkdirSync(stage.at('b'));
  const swap = `mv "${stage.at('a')}" "${stage.at('moved')}" && ln -s b "${stage.at('a')}"`;
  expect(await stage.run('env pwd -P', stage.at('a'), swap)).toEqual({ exitCode: 0, output: `${stage.at('moved')}\n` });
});

test('wrapCommand names a folder that is missing or was replaced by a file', async () => {
  using stage = newWorld();
  expect((await stage.run('echo ran', stage.at('a'))).output).toBe(
    `It did not run: there is no folder ${stage.at('a')}.\n`,
  );
  mkdirSync(stage.at('b'));
  renameSync(stage.at('b'), stage.at('c'));
  expect((await stage.run('echo ran', stage.at('c/d'))).exitCode).toBe(FOLDER_REFUSED);
});
