import { limits } from '@it0/contracts/limits';
import { expect, test } from 'vitest';
import { readCommandFiles } from './command-paths.ts';

/** Matches the paths of a command whose words are known. */
const anyPaths = expect.any(Set);

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
])('readCommandFiles returns that %s runs files', (command) => {
  expect(readCommandFiles(command)).toMatchObject({ paths: anyPaths, runsFiles: true });
});

test.each(['cat x', 'cp x .', 'find . -name x', 'cat sh.txt', 'ls pythonic/../x.txt', 'shellcheck x', 'echo 3.12'])(
  'readCommandFiles returns that %s runs no files',
  (command) => {
    expect(readCommandFiles(command)).toMatchObject({ paths: anyPaths, runsFiles: false });
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
] as const)('readCommandFiles finds the paths of %j', (command, paths) => {
  expect([...readCommandFiles(command)!.paths!]).toEqual(expect.arrayContaining([...paths]));
});

test.each(['ls $A', 'ls `x`', 'ls ~', 'ls {a,b}', 'cd', 'cd; ls', 'sh -c "cd"', 'cd -P && ls', 'ls .?/x'])(
  'readCommandFiles returns unknown files for %s',
  (command) => {
    expect(readCommandFiles(command)).toEqual({ paths: undefined, runsFiles: true, imports: true });
  },
);

test('readCommandFiles returns that interpreters that load modules import', () => {
  for (const [command, expected] of [
    ['python3 -m json', true],
    [`p"yth"on -m json`, true],
    ['jupyter-lab', true],
    ['sh x', false],
  ] as const)
    expect(readCommandFiles(command)).toMatchObject({ paths: anyPaths, imports: expected });
});

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
])('readCommandFiles is quick for %j and a very long run of %j', (start, part) => {
  for (const end of ['', '!', '@', '%', ' x', '"']) {
    const command = start + part.repeat((limits.command - start.length) / part.length) + end;
    readCommandFiles(command);
  }
});
