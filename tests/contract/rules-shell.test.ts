import { spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { decideByRules } from '@it0/contracts/approval-rule';
import { parseCommand, quote } from '@it0/contracts/rules/shell-words';
import fc from 'fast-check';
import { expect, test } from 'vitest';

// Compares the parser of the rules with real shells.
const shells = ['/bin/dash', '/bin/bash', '/bin/sh'].filter((path) => existsSync(path));
const programs = ['show', 'git', 'rm'];
const files = ['a', 'b.txt', '-x'];

/** Creates a working folder, and a folder with programs that only record their arguments. */
function prepareFolders() {
  const root = mkdtempSync(join(tmpdir(), 'it0-shell-'));
  const [bin, work] = [join(root, 'bin'), join(root, 'work')];
  for (const folder of [bin, work]) mkdirSync(folder);
  for (const program of programs) {
    // The record begins and ends with characters that occur in no generated command.
    const record = `printf '\\001${program}\\000'; for word in "$@"; do printf '%s\\000' "$word"; done; printf '\\002'`;
    writeFileSync(join(bin, program), `#!/bin/sh\n${record}\n`);
    chmodSync(join(bin, program), 0o755);
  }
  for (const file of files) writeFileSync(join(work, file), '');
  return { bin, work, [Symbol.dispose]: () => rmSync(root, { recursive: true }) };
}

/** Runs each command with its own `sh -c`. Returns the words of the programs that ran, per command. */
async function runAll(shell: string, commands: string[], { bin, work }: { bin: string; work: string }) {
  const script = commands
    .map((command) => `${shell} -c ${quote(command)} </dev/null 2>/dev/null\nprintf '\\003'\n`)
    .join('');
  const child = spawn(shell, [], { cwd: work, env: { PATH: bin, HOME: work }, stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.end(script);
  const output = await text(child.stdout);
  return output
    .split('\x03')
    .slice(0, -1)
    .map((record) =>
      record
        .split('\x02')
        .slice(0, -1)
        .map((one) => one.replace('\x01', '').split('\0').slice(0, -1)),
    );
}

const plain = fc.constantFrom(
  'a',
  'b',
  '.',
  '-',
  '/',
  '_',
  '1',
  '=',
  ':',
  ',',
  '+',
  '@',
  '%',
  '^',
  ']',
  '文',
  'é',
  '-x',
  '--a',
  '..',
);
const quoted = fc.constantFrom(
  "'a b'",
  '"a b"',
  "'$a'",
  '"\\$a"',
  '\\$',
  '\\ ',
  "''",
  '""',
  "'*'",
  '"*"',
  '\\*',
  '"\\a"',
  '"\\\\"',
  "'\\'",
  '"\'"',
  "'\"'",
  '\\"',
  "';'",
  '\\;',
  '\\~',
  '\\#',
  "'~'",
  '"#"',
  '\\a',
  '"\\`"',
  "'!'",
);
const special = fc.constantFrom(
  '~',
  '#',
  '*',
  '?',
  '[',
  '{',
  '}',
  '{a,b}',
  '$a',
  '$',
  '`',
  ';',
  '&',
  '|',
  '<',
  '>',
  '(',
  ')',
  '!',
  '\\',
  "'",
  '"',
  '\t',
  '\n',
  '\r',
  '\u00a0',
  '\u200b',
  '=',
  '$(a)',
  '>a',
  '2>',
  "$'a'",
);
const fragment = fc.oneof(
  { arbitrary: plain, weight: 10 },
  { arbitrary: quoted, weight: 6 },
  { arbitrary: special, weight: 1 },
  { arbitrary: fc.constant(' '), weight: 5 },
);
const program = fc.constantFrom('show', 'show', '"show"', "sh'o'w", '\\show', 'git', 'rm', ' show', "''show");
const command = fc
  .tuple(program, fc.array(fragment, { maxLength: 9 }))
  .map(([name, rest]) => [name, ' ', ...rest].join(''));

const seed = Math.floor(Math.random() * 2 ** 31);
const commands = [...new Set(fc.sample(command, { numRuns: 1_500, seed }))];

/** Expects that each command runs its program once with these words, and changes nothing in the folder. */
async function expectWords(expected: { command: string; words: string[] }[]) {
  for (const shell of shells) {
    using folders = prepareFolders();
    const ran = await runAll(
      shell,
      expected.map((one) => one.command),
      folders,
    );
    expect(ran.length).toBe(expected.length);
    const mismatches = expected
      .map(({ command, words }, index) => ({ command, words, ran: ran[index] }))
      .filter(({ words, ran }) => JSON.stringify(ran) !== JSON.stringify([words]));
    expect({ seed, shell, mismatches: mismatches.map((one) => JSON.stringify(one)) }).toEqual({
      seed,
      shell,
      mismatches: [],
    });
    expect(readdirSync(folders.work).sort()).toEqual([...files].sort());
  }
}

test('parseCommand returns the words that real shells pass to the program', async () => {
  const simple = commands.flatMap((command) => {
    const parsed = parseCommand(command);
    return parsed.kind === 'simple' && programs.includes(parsed.words[0]!) ? [{ command, words: parsed.words }] : [];
  });
  expect(simple.length).toBeGreaterThan(300);
  await expectWords(simple);
});

test('decideByRules allows only commands that run one program with the parsed words in real shells', async () => {
  const patterns = ['**', 'show **', 'show *', 'show a*', 'git * **', 'rm -x *', 'show', 'rm a/*', 'git --a=*'];
  const rules = patterns.map((pattern) => ({ kind: 'exec', pattern, action: 'allow' }) as const);
  const allowed = commands.flatMap((command) => {
    const { action, rule } = decideByRules(rules.toReversed(), { command });
    if (action !== 'allow') return [];
    const parsed = parseCommand(command);
    return [{ command, words: parsed.kind === 'simple' ? parsed.words : [], rule }];
  });
  expect(new Set(allowed.map(({ rule }) => rule?.pattern)).size).toBeGreaterThan(3);
  await expectWords(allowed);
});
