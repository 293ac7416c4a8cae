import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runProcess } from './run-process.ts';
import { FOLDER_REFUSED, wrapCommand } from './shell-command.ts';

/** Creates a temporary folder that is deleted when disposed, and runs commands. */
function createFolder() {
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
    using folder = createFolder();
    mkdirSync(folder.at(name));
    mkdirSync(folder.at('above'));
    symlinkSync(folder.at(name), folder.at('link'));
    symlinkSync('..', folder.at('above/up'));
    const result = await folder.run('touch done; echo one; echo two >&2; exit 3', folder.at(name));
    expect(result).toEqual({ exitCode: 3, output: 'one\ntwo\n' });
    for (const link of [folder.at('link'), folder.at(`above/up/${name}`)]) {
      const refused = await folder.run('echo ran', link);
      expect(refused).toMatchObject({ exitCode: FOLDER_REFUSED, output: expect.stringContaining(link) });
      expect(refused.output).toContain(`leads to ${folder.at(name)}. Call it again`);
    }
  },
);

test('wrapCommand refuses a link to a folder whose name is the approved one with line breaks after it', async () => {
  using folder = createFolder();
  for (const ending of ['\n', '\n\n', '\n.']) {
    mkdirSync(folder.at(`a${ending}`));
    symlinkSync(`a${ending}`, folder.at('a'));
    expect(await folder.run('echo ran', folder.at('a'))).toMatchObject({ exitCode: FOLDER_REFUSED });
    rmSync(folder.at('a'));
  }
});

test('wrapCommand stays in the folder that it checked when a link replaces it afterwards', async () => {
  using folder = createFolder();
  mkdirSync(folder.at('a'));
  mkdirSync(folder.at('b'));
  const swap = `mv "${folder.at('a')}" "${folder.at('moved')}" && ln -s b "${folder.at('a')}"`;
  expect(await folder.run('env pwd -P', folder.at('a'), swap)).toEqual({
    exitCode: 0,
    output: `${folder.at('moved')}\n`,
  });
});

test('wrapCommand names a folder that is missing or was replaced by a file', async () => {
  using folder = createFolder();
  expect((await folder.run('echo ran', folder.at('a'))).output).toBe(
    `It did not run: there is no folder ${folder.at('a')}.\n`,
  );
  mkdirSync(folder.at('b'));
  renameSync(folder.at('b'), folder.at('c'));
  expect((await folder.run('echo ran', folder.at('c/d'))).exitCode).toBe(FOLDER_REFUSED);
});
