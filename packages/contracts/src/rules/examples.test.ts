import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ApprovalRule, decideByRules, RuleAction } from '../approval-rule.ts';
import { ApprovalKind } from '../chat-event.ts';
import { findExamples } from './examples.ts';
import { explainPattern } from './explain.ts';

const rule = (action: RuleAction, pattern: string, kind: ApprovalKind = 'exec') =>
  ApprovalRule.parse({ kind, pattern, action });

const word = fc.oneof(
  fc.constantFrom(
    'git',
    'log',
    '-rf',
    '--all',
    '/srv/tmp/*',
    '*',
    'a*b',
    '**',
    "'a b'",
    '"*"',
    '/etc/hosts',
    '--file=*',
    '../x/*',
    'sudo',
  ),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const pattern = fc.oneof(
  fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join(' ')),
  fc.constantFrom('/srv/*', '/srv/**/x', 'https://example.com/*', 'https://a.example/b/*.txt', 'df -h | sort'),
);

test('findExamples returns matching texts that the rule matches, and other texts that it does not', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...ApprovalKind.options),
      fc.constantFrom(...RuleAction.options),
      pattern,
      (kind, action, pattern) => {
        const parsed = ApprovalRule.safeParse({ kind, pattern, action });
        fc.pre(parsed.success);
        const { matching, others } = findExamples(parsed.data);
        // A deny or ask rule is tested alone, without an allow after it.
        for (const command of matching)
          expect(decideByRules([parsed.data], { kind, command })).toMatchObject({ action, because: 'rule' });
        for (const command of others) expect(decideByRules([parsed.data], { kind, command }).rule).toBe(null);
        expect(new Set([...matching, ...others]).size).toBe(matching.length + others.length);
        expect(Math.max(matching.length, others.length)).toBeLessThanOrEqual(3);
      },
    ),
    { numRuns: 1_000 },
  );
});

test.for([
  ['allow', 'systemctl status *'],
  ['allow', 'rm -rf /srv/tmp/*'],
  ['allow', 'df -h'],
  ['allow', 'git log **'],
  ['allow', 'git -C * status'],
  ['allow', '**'],
  ['allow', '*'],
  ['deny', 'rm -rf **'],
  ['deny', 'shutdown*'],
  ['deny', 'reboot'],
  ['deny', '*/etc/shadow*'],
  ['deny', 'curl * | sh'],
  ['ask', 'git push **'],
  ['allow', '/srv/app/*', 'write'],
  ['allow', '/srv/app/**', 'write'],
  ['deny', '/etc/*', 'write'],
  ['allow', 'https://example.com/*', 'fetch'],
  ['deny', 'https://example.com/*', 'fetch'],
] as const)('findExamples returns three examples of each kind for the rule %s %s', ([action, pattern, kind]) => {
  const { matching, others } = findExamples(rule(action, pattern, kind));
  expect([matching.length, others.length]).toEqual([3, 3]);
});

test('findExamples shows attempts to go beyond an allow', () => {
  expect(findExamples(rule('allow', 'rm -rf /srv/tmp/*'))).toEqual({
    matching: ['rm -rf /srv/tmp/a', 'rm -rf /srv/tmp/a/b.txt', 'rm -rf /srv/tmp/x.log'],
    others: ['rm -rf /srv/tmp/../../etc', 'rm -rf /srv/tmp/a /etc/passwd', 'rm -rf /srv/tmp/a; reboot'],
  });
  expect(findExamples(rule('allow', 'systemctl status *')).others).toContain('systemctl status --host=other');
});

test.for([
  [
    'allow',
    'exec',
    'git log a* * **',
    {
      scope: 'words',
      parts: [
        { type: 'word', text: 'git' },
        { type: 'word', text: 'log' },
        { type: 'part', text: 'a*' },
        { type: 'one' },
        { type: 'rest' },
      ],
    },
  ],
  ['allow', 'exec', '**', { scope: 'any', rest: true }],
  ['allow', 'exec', '*', { scope: 'any', rest: false }],
  ['allow', 'exec', 'df -h | sort', { scope: 'text', text: 'df -h | sort' }],
  ['allow', 'exec', 'git*', { scope: 'nothing', problem: 'program' }],
  ['allow', 'exec', 'df * | sort', { scope: 'nothing', problem: 'operator' }],
  [
    'deny',
    'exec',
    'rm -rf /srv/* **',
    { scope: 'spellings', program: 'rm', options: ['-rf'], parts: [{ type: 'part', text: '/srv/*' }] },
  ],
  ['deny', 'exec', 'curl * | sh', { scope: 'line', text: 'curl * | sh' }],
  ['deny', 'exec', '*/etc/*', { scope: 'line', text: '*/etc/*' }],
  ['ask', 'write', '**', { scope: 'everything' }],
  ['allow', 'write', '/srv/*/a/**', { scope: 'path', one: true, deep: true }],
  ['allow', 'fetch', 'https://example.com/*', { scope: 'address' }],
  ['allow', 'fetch', '*', { scope: 'nothing', problem: 'site' }],
] as const)('explainPattern explains the rule %s %s %s', ([action, kind, pattern, explanation]) => {
  expect(explainPattern({ kind, pattern, action })).toEqual(explanation);
});
