import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { importsFromFolder, readCommandWords, runsNamedFile } from './command-paths.ts';

const isRunner = (command: string) => runsNamedFile(command, readCommandWords(command)!);

test.each([
  'python3 x',
  'python x',
  'python3.12-config x',
  '/usr/bin/php8.2 x',
  'lua-5.4 x',
  'PYTHON x',
  'gawk -f x',
  'g++ x',
  'm4 x',
  'ansible-playbook x',
  `py'th'on3 x`,
  'pyth\\on3 x',
  'nice sh x',
  '(sh x)',
  'cat x|sh',
  'A=1 . x',
  `env -S'sh x'`,
  'if true; then . x; fi',
  '"." x',
  'SHELL=/bin/sh x',
])('runsNamedFile returns true for %s', (command) => {
  expect(isRunner(command)).toBe(true);
});

test.each(['cat x', 'cp x .', 'find . -name x', 'cat sh.txt', 'ls pythonic/../x.txt', 'shellcheck x', 'echo 3.12'])(
  'runsNamedFile returns false for %s',
  (command) => {
    expect(isRunner(command)).toBe(false);
  },
);

test.each([
  ['make -C "../a b" --file=x,y@z', ['../a b', 'x,y@z', 'x,y', 'x', 'y@z', 'y', 'z']],
  [`sh -c "cd '../a b' && make -Cc/d -C/e"`, ['../a b', 'c/d', '/e']],
  ['cat ../a*/b [xy]', ['../', '.']],
  ['sort < "in put" 2>../out', ['in put', '../out']],
  ['cd "a"; git\\ x', ['a', 'git x']],
  ['cat "open', ['open']],
  ['sed -nfa.txt', ['a.txt']],
  ['make -Ca/../b', ['a/../b']],
] as const)('readCommandWords finds the paths of %j', (command, paths) => {
  expect([...readCommandWords(command)!.paths]).toEqual(expect.arrayContaining([...paths]));
});

test.each(['ls $A', 'ls `x`', 'ls ~', 'ls {a,b}', 'cd', 'cd; ls', 'sh -c "cd"', 'cd -P && ls', 'ls .?/x'])(
  'readCommandWords returns undefined for %s',
  (command) => {
    expect(readCommandWords(command)).toBeUndefined();
  },
);

test('importsFromFolder returns true for interpreters that load modules', () => {
  for (const [command, expected] of [
    ['python3 -m json', true],
    [`p"yth"on -m json`, true],
    ['jupyter-lab', true],
    ['sh x', false],
  ] as const)
    expect(importsFromFolder(readCommandWords(command)!)).toBe(expected);
});

function readOrRefuse(command: string) {
  try {
    return readCommandWords(command);
  } catch {
    return undefined;
  }
}

// Patterns that backtrack take minutes for some of them.
test.each([
  ['python', '1'],
  ['python', '1.'],
  ['ansible='.repeat(2_000), '1'],
  ['jupyter/'.repeat(2_000), '.'],
  ['-', 'C'],
  ['-C', '/'],
  ['', '../'],
  ['', 'a,'],
  ['cd', ' '],
  ['cd', ' -a'],
  ['.', ' '],
  ['', '. '],
  ['', '"a" '],
  ['', `'"`],
  ['', '"a\' '],
  ['', '\\"'],
  ['', '(a '],
  ['', '{} '],
])('readCommandWords and the tests of programs are quick for %j and a very long run of %j', (start, part) => {
  for (const end of ['', '!', '@', '%', ' x', '"']) {
    const command = start + part.repeat((limits.command - start.length) / part.length) + end;
    const words = readOrRefuse(command);
    if (words) runsNamedFile(command, words);
    if (words) importsFromFolder(words);
  }
});
