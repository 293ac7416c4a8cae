import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ApprovalRule, decideByRules, type RuleAction } from '../approval-rule.ts';
import { ApprovalKind } from '../chat-event.ts';
import { limits } from '../limits.ts';
import { quote } from './shell-words.ts';
import { createWork, MAX_STEPS } from './work.ts';

const repeat = (part: fc.Arbitrary<string>, blanks: string[], maxLength: number) =>
  fc
    .tuple(part, fc.constantFrom(...blanks), fc.oneof(fc.nat(40), fc.nat(maxLength)))
    .map(([text, blank, times]) => (text + blank).repeat(times).slice(0, maxLength));

/** Generates commands up to the maximum length that repeat words and put commands into the arguments of others. */
const word = fc.constantFrom(
  ...['rm', 'b', '-rf', '--force', '--f', 'a=b', 'A=1', '/srv/x', '..', '*', "it's", "'", '"x"', "''", '\\\n', 'a;b'],
  ...['sh', 'env', 'xargs', 'id', '(', '$', '/', './', '='],
);
const wrappers: ((text: string) => string)[] = [
  (text) => `sh -c ${quote(text)}`,
  (text) => `sh -c ${quote(text)} ${quote(`${text} `)} ${quote(`${text};`)}`,
  (text) => `xargs ${text}`,
  (text) => `env A=1 ${text}`,
  (text) => `find / -exec ${text} \\;`,
  (text) => `echo "$(${text})"`,
  (text) => `unheard-of --run=${quote(text)}`,
  (text) => `rm ${text} -rf`,
];
const command = fc
  .tuple(
    fc.array(repeat(word, [' ', '', '/'], limits.command), { minLength: 1, maxLength: 4 }),
    fc.array(fc.constantFrom(...wrappers), { maxLength: 3 }),
  )
  .map(([parts, around]) =>
    around.reduce((text, wrap) => wrap(text), parts.join(' ').slice(0, limits.command)).slice(0, limits.command),
  );

const patternWord = fc.constantFrom(
  ...['rm', '*', '**', 'a*', '*a*', '-rf', '--force', '--f*', '-x', '-abcdefghij', '/srv/*', '*b*b', 'x', 'b', '/'],
);
const pattern = fc.oneof(
  fc.array(patternWord, { minLength: 1, maxLength: 6 }).map((words) => words.join(' ')),
  fc
    .tuple(fc.constantFrom('rm ', 'echo ', '* ', '/', ''), repeat(patternWord, [' ', '', '*', '/'], limits.rulePattern))
    .map(([program, rest]) => `${program}${rest}`.slice(0, limits.rulePattern)),
);
const action = fc.constantFrom<RuleAction>('deny', 'ask', 'allow');
const cwd = fc.constantFrom(undefined, '/srv', `/${'a/'.repeat(limits.detail / 2 - 1)}`);
const kind = fc.constantFrom<ApprovalKind>('exec', 'exec', ...ApprovalKind.options);
const request = fc.record({ command, cwd, kind }).map(({ command, ...rest }) => ({
  ...rest,
  command: rest.kind === 'write' ? `/${command.slice(0, 4_000)}` : command,
}));

/** Creates as many rules as an instance can have, repeating the patterns. */
const toRules = (kind: ApprovalKind, patterns: { action: RuleAction; pattern: string }[]): ApprovalRule[] =>
  Array.from({ length: limits.approvalRules }, (_, index) => ({ kind, ...patterns[index % patterns.length]! }));

/** Counts the calls of string methods, and each 64 characters that they read. */
function countWork(run: () => void): number {
  const names = ['endsWith', 'includes', 'indexOf', 'replace', 'slice', 'split', 'startsWith', 'toLowerCase'] as const;
  const originals = names.map((name) => ({ name, method: String.prototype[name] as (...args: unknown[]) => unknown }));
  const define = (name: string, value: unknown) =>
    Object.defineProperty(String.prototype, name, { value, configurable: true, writable: true });
  let count = 0;
  for (const { name, method } of originals)
    define(name, function (this: string, ...args: unknown[]) {
      const result = method.apply(this, args);
      count += 1;
      if (name === 'indexOf') count += ((result === -1 ? this.length : Number(result)) - Number(args[1] ?? 0)) / 64;
      else if (['replace', 'split', 'toLowerCase'].includes(name)) count += this.length / 64;
      return result;
    });
  try {
    run();
  } finally {
    for (const { name, method } of originals) define(name, method);
  }
  return count;
}

/** A step calls a few methods, and patterns are parsed besides. */
const MAX_WORK = 3 * MAX_STEPS;

test('decideByRules does a limited amount of work for any command and rules', () => {
  fc.assert(
    fc.property(
      request,
      fc.array(fc.record({ action, pattern }), { minLength: 1, maxLength: 5 }),
      (request, patterns) => {
        const rules = toRules(request.kind, patterns);
        expect(countWork(() => decideByRules(rules, request))).toBeLessThan(MAX_WORK);
      },
    ),
    { numRuns: 60 },
  );
});

const denied = `${'rm '.repeat(45)}${'b '.repeat(900)}-rf`;
test.for([
  ['quoted commands', 'rm -rf /srv/x **', `sh -c ${quote(denied)} ${quote(denied)} ${quote(denied)}`],
  ['options', `rm ${'--abc '.repeat(80)}`, `${'rm '.repeat(49)}${'--xy '.repeat(150)}`],
  ['operands', `rm ${'x '.repeat(240)}`, `${'rm '.repeat(49)}${'x '.repeat(150)}`],
  ['stars', `rm ${'*a '.repeat(160)}`, `${'rm '.repeat(49)}${`${'a'.repeat(50)} `.repeat(150)}`],
] as const)('decideByRules does a limited amount of work when 100 denies meet many %s', ([, pattern, command]) => {
  const rules = toRules('exec', [{ action: 'deny', pattern }]);
  expect(countWork(() => expect(decideByRules(rules, { command }).action).toBe('ask'))).toBeLessThan(MAX_WORK);
});

test('decideByRules returns the same or asks when the limit of its work is reached', () => {
  const limit = fc.oneof(fc.nat(100), fc.nat(MAX_STEPS));
  const rules = fc.array(fc.record({ action, pattern, kind: fc.constant('exec' as const) }), { maxLength: 5 });
  fc.assert(
    fc.property(request, rules, limit, ({ command, cwd }, patterns, steps) => {
      const all: ApprovalRule[] = [...patterns, { kind: 'exec', pattern: '**', action: 'allow' }];
      const work = createWork(steps);
      const limited = decideByRules(all, { command, cwd }, work);
      if (work.isSpent()) expect(limited.action).not.toBe('allow');
      const decided = decideByRules(all, { command, cwd }, createWork(Number.POSITIVE_INFINITY));
      expect(['ask', decided.action]).toContain(limited.action);
    }),
    { numRuns: 100 },
  );
});

test('decideByRules asks for every command when no work is left', () => {
  for (const action of ['allow', 'ask', 'deny'] as const) {
    const rules: ApprovalRule[] = [
      { kind: 'exec', pattern: 'df *', action },
      { kind: 'exec', pattern: '**', action: 'allow' },
    ];
    expect(decideByRules(rules, { command: 'df /srv' }, createWork(0))).toMatchObject({
      ...{ action: 'ask', by: null, because: 'doubt', rule: rules[0] },
    });
  }
});

test.for([
  ['a git log', 'git -C /srv/app log --oneline -n 20 -- src/a.ts src/b.ts'],
  ['a message of 70 words', `git commit -m "${'Explain why the limit is this one. '.repeat(10)}"`],
  ['fifteen paths', `rsync -a --delete ${'/srv/app/releases/2026-11-28/build/ '.repeat(15)} backup:/srv/app`],
] as const)('decideByRules needs a fifth of its limit at most for a command with %s and 100 rules', ([, command]) => {
  const work = createWork(MAX_STEPS / 5);
  const rules = toRules('exec', [
    { action: 'deny', pattern: 'rm -rf **' },
    { action: 'ask', pattern: '*/etc/shadow*' },
    { action: 'allow', pattern: 'systemctl status *' },
    { action: 'deny', pattern: 'git push --force **' },
  ]);
  expect(decideByRules([...rules, { kind: 'exec', pattern: '**', action: 'allow' }], { command }, work).action).toBe(
    'allow',
  );
});

test.for([
  [`echo${' a'.repeat(199)}`, 'allow'],
  [`echo${' a'.repeat(200)}`, 'ask'],
  [`echo '${'a '.repeat(198)}'`, 'allow'],
  [`echo '${'a '.repeat(199)}'`, 'ask'],
] as const)(
  'decideByRules asks for a command that has more than 200 words, quoted ones included: %#',
  ([command, expected]) => {
    const rules: ApprovalRule[] = [
      { kind: 'exec', pattern: 'rm -rf **', action: 'deny' },
      { kind: 'exec', pattern: '**', action: 'allow' },
    ];
    expect(decideByRules(rules, { command }).action).toBe(expected);
  },
);
