import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decideByRules } from '../approval-rule.ts';
import { quote } from './shell-words.ts';

const rules = (pattern: string) =>
  [
    { kind: 'exec', pattern, action: 'deny' },
    { kind: 'exec', pattern: '**', action: 'allow' },
  ] as const;

/** A command for each deny pattern, in words. The options are separate, since they have no order. */
const denied = [
  { pattern: 'rm -rf **', program: 'rm', options: ['-r', '-f'], operands: ['/srv/a'] },
  { pattern: 'rm -rf *', program: 'rm', options: ['--recursive', '-f'], operands: [] },
  { pattern: 'shutdown*', program: 'shutdown', options: ['-h'], operands: ['now'] },
  { pattern: 'reboot', program: 'reboot', options: [], operands: [] },
  { pattern: 'git push **', program: 'git', options: [], operands: ['push', 'origin'] },
  { pattern: 'systemctl stop nginx', program: 'systemctl', options: [], operands: ['stop', 'nginx'] },
  { pattern: 'cat /etc/shadow', program: 'cat', options: ['-n'], operands: ['/etc/shadow'] },
  { pattern: '*/etc/shadow*', program: 'head', options: [], operands: ['/etc/shadow'] },
  { pattern: 'mkfs*', program: 'mkfs.ext4', options: ['-F'], operands: ['/dev/sda'] },
];

/** Generates ways to write one character that are equal for a shell. */
const spellChar = (char: string) =>
  fc.constantFrom(char, char, char, `\\${char}`, `'${char}'`, `"${char}"`, `''${char}`, `${char}""`);
const spellWord = (word: string) => fc.tuple(...[...word].map(spellChar)).map((chars) => chars.join(''));
const blanks = fc.constantFrom(' ', '  ', '\t', ' \t ', ' \\\n');

const folder = fc.constantFrom('', '/bin/', '/usr/bin/', '//sbin/', '/usr/./bin/', '/usr/lib/../bin/', './', '/srv/x/');
const spellPath = (path: string) =>
  path.startsWith('/')
    ? fc
        .tuple(
          ...path
            .split('/')
            .slice(1)
            .map((part) => fc.constantFrom('/', '//', '/./', '/x/../').map((slash) => slash + part)),
        )
        .map((parts) => parts.join(''))
    : fc.constant(path);

const before = fc.constantFrom(
  '',
  '',
  'A=1 ',
  "A='b c' B=2 ",
  'sudo ',
  'env A=1 ',
  'nohup ',
  'timeout 5 ',
  'nice -n 1 ',
  'command ',
  'busybox ',
  'unheard-of ',
  'ls; ',
  'ls && ',
  'ls\n',
  'ls | ',
  '! ',
  '{ ',
  '>x ',
  'if true; then ',
);
const after = fc.constantFrom('', '', ' ', '; ls', ' && ls', ' | cat', ' >x', ' &', '\nls', ' # x', ' "$x"', ' *');
const around: fc.Arbitrary<(command: string) => string> = fc.constantFrom(
  (command) => command,
  (command) => command,
  (command) => `(${command})`,
  (command) => `echo $(${command})`,
  (command) => `echo \`${command}\``,
  (command) => `sh -c ${quote(command)}`,
  (command) => `unheard-of --run=${quote(command)}`,
  (command) => `eval ${quote(command)}`,
);

const spelled = fc.constantFrom(...denied).chain(({ pattern, program, options, operands }) =>
  fc
    .record({
      before,
      after,
      around,
      folder,
      options: fc.shuffledSubarray(options, { minLength: options.length }),
      /** Index among the operands at which the options are inserted. */
      at: fc.nat(operands.length),
      paths: fc.tuple(...operands.map(spellPath)),
    })
    .chain(({ before, after, around, folder, options, at, paths }) => {
      const words = [`${folder}${program}`, ...[...paths].toSpliced(at, 0, ...options)];
      return fc
        .record({ words: fc.tuple(...words.map(spellWord)), blanks: fc.tuple(...words.map(() => blanks)) })
        .map(({ words, blanks }) => ({
          pattern,
          command: around(
            `${before}${words.map((word, index) => word + (index + 1 < words.length ? blanks[index] : '')).join('')}${after}`,
          ),
        }));
    }),
);

test('decideByRules allows no spelling of a denied command by a later rule', () => {
  fc.assert(
    fc.property(spelled, ({ pattern, command }) => {
      expect(decideByRules(rules(pattern), { command }).action).not.toBe('allow');
    }),
    { numRuns: 2_000 },
  );
});

test('decideByRules denies a denied command, rather than asking, when only its words are spelled differently', () => {
  const plain = fc.constantFrom(...denied).chain(({ pattern, program, options, operands }) =>
    fc
      .record({
        folder: fc.constantFrom('', '/bin/', '/usr/bin/'),
        words: fc.tuple(...[program, ...options, ...operands].map(spellWord)),
      })
      .map(({ folder, words }) => ({ pattern, command: folder + words.join(' ') })),
  );
  fc.assert(
    fc.property(plain, ({ pattern, command }) => {
      expect(decideByRules(rules(pattern), { command }).action).toBe('deny');
    }),
    { numRuns: 1_000 },
  );
});

test('decideByRules allows commands that have nothing in common with a deny', () => {
  const other = fc.constantFrom(
    'ls -la /srv',
    'df -h',
    'cat /etc/hosts',
    'git log --oneline',
    'systemctl status nginx',
    'uptime',
  );
  fc.assert(
    fc.property(fc.constantFrom(...denied), other, ({ pattern }, command) => {
      expect(decideByRules(rules(pattern), { command }).action).toBe('allow');
    }),
  );
});
