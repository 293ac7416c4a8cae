import { expect, test } from 'vitest';
import { ApprovalRule, actionFor, ruleFor } from './approval-rule.ts';
import type { ApprovalKind } from './chat-event.ts';
import { limits } from './limits.ts';

const rule = (pattern: string, action: ApprovalRule['action'] = 'allow', kind: ApprovalKind = 'exec') =>
  ApprovalRule.parse({ kind, pattern, action });
const isAllowed = (pattern: string, command: string, kind: ApprovalKind = 'exec') =>
  ruleFor([rule(pattern, 'allow', kind)], { kind, command }) !== undefined;

test.for([
  ['df -h', 'df -h', true],
  ['df -h', 'df -h /', false],
  ['df -h', ' df -h', false],
  ['df -h', 'DF -H', false],
  ['df *', 'df -h /srv', true],
  ['df *', 'df', false],
  ['df*', 'df', true],
  ['df *', 'sudo df -h', false],
  ['systemctl status *', 'systemctl restart nginx', false],
  ['git -C * status', 'git -C /srv/app status', true],
  ['git -C * status', 'git -C /srv/app push', false],
  ['a*b*c', 'a-b-b-c', true],
  ['ab*ba', 'aba', false],
  ['*', 'anything at all', true],
  ['du -h.', 'du -h!', false],
] as const)('the pattern "%s" takes "%s": %s', ([pattern, command, taken]) => {
  expect(isAllowed(pattern, command)).toBe(taken);
});

test.for([
  'df -h; rm -rf /',
  'df -h;rm -rf /',
  'df -h && rm -rf /',
  'df -h & rm -rf /',
  'df -h || rm -rf /',
  'df -h | sh',
  'df -h\nrm -rf /',
  'df -h\rrm -rf /',
  'df -h\u2028rm -rf /',
  'df $(rm -rf /)',
  'df `rm -rf /`',
  'df $HOME',
  'df <(rm -rf /)',
  'df -h > /etc/passwd',
  'df -h >> ~/.bashrc',
  'df < /etc/shadow',
  'df {a,b}',
  'df -h\0',
  'df -\u200bh',
  'df \u202e-h',
  'df \uFFFD',
])('no wildcard lets %j through', (command) => {
  for (const pattern of ['df *', '*', 'df*', 'd*f*', '**'])
    expect([pattern, isAllowed(pattern, command)]).toEqual([pattern, false]);
});

test('a pattern that has a shell’s characters itself allows them, there and nowhere else', () => {
  expect(isAllowed('df -h | head -n *', 'df -h | head -n 5')).toBe(true);
  expect(isAllowed('df -h | head -n *', 'df -h | head -n 5 | sh')).toBe(false);
  expect(isAllowed('df * | head', 'df -h | sh | head')).toBe(false);
  expect(isAllowed('cd /srv && make *', 'cd /srv && make all')).toBe(true);
  expect(isAllowed('cd /srv && make *', 'cd /srv && make all && make')).toBe(false);
});

test('what was too long to be told whole is never allowed', () => {
  expect(isAllowed('echo *', `echo ${'x'.repeat(1_000)}`)).toBe(true);
  expect(isAllowed('echo *', `echo ${'x'.repeat(limits.command)}`.slice(0, limits.command))).toBe(false);
});

test('a deny goes for everything its wildcards can stand for', () => {
  for (const command of ['rm -rf /', 'ls; rm -rf /', 'ls\nrm -rf /', 'ls && rm -rf /srv']) {
    expect(ruleFor([rule('*rm -rf *', 'deny')], { command })?.action).toBe('deny');
  }
});

test('the first rule that matches decides, and none means that a person is asked', () => {
  const rules = [rule('git push *', 'ask'), rule('git *'), rule('*', 'deny')];
  expect(ruleFor(rules, { command: 'git push origin' })?.action).toBe('ask');
  expect(ruleFor(rules, { command: 'git log' })?.action).toBe('allow');
  expect(ruleFor(rules, { command: 'git log; reboot' })?.action).toBe('deny');
  expect(ruleFor(rules.slice(0, 2), { command: 'reboot' })).toBeUndefined();
});

test('a rule is about its own kind alone', () => {
  expect(ruleFor([rule('*')], { kind: 'write', command: '/etc/hosts' })).toBeUndefined();
});

test.for([
  ['/srv/app/x.txt', true],
  ['/srv/app/a/b', true],
  ['/srv/app/../../etc/passwd', false],
  ['/srv/app/..', false],
  ['/srv/app/./x', false],
  ['srv/app/x', false],
] as const)('"/srv/app/*" lets %s be written: %s', ([path, taken]) => {
  expect(isAllowed('/srv/app/*', path, 'write')).toBe(taken);
});

test('what may be fetched begins with a whole site', () => {
  expect(isAllowed('https://example.com/*', 'https://example.com/a?b=1&c=2', 'fetch')).toBe(true);
  expect(isAllowed('https://example.com/*', 'https://example.com.evil.example/', 'fetch')).toBe(false);
  expect(isAllowed('https://example.com/*', 'https://example.com/\\@evil.example', 'fetch')).toBe(false);
  for (const pattern of ['*', 'https://*', 'https://*.example.com/', 'https://example.com*', 'https://a@example.com/*'])
    expect([pattern, ApprovalRule.safeParse({ kind: 'fetch', pattern, action: 'allow' }).success]).toEqual([
      pattern,
      false,
    ]);
  expect(ApprovalRule.safeParse({ kind: 'fetch', pattern: '*', action: 'deny' }).success).toBe(true);
});

test('a pattern has nothing in it that nobody can see', () => {
  for (const pattern of ['', 'df\0', 'df\u200b', 'df\u202e', `${'x'.repeat(limits.rulePattern)}x`])
    expect(ApprovalRule.safeParse({ kind: 'exec', pattern, action: 'allow' }).success).toBe(false);
});

test('a pattern made to be slow is not', () => {
  const started = performance.now();
  const pattern = `${'*a'.repeat(249)}b`;
  expect(isAllowed(pattern, 'a'.repeat(limits.command - 2))).toBe(false);
  expect(performance.now() - started).toBeLessThan(500);
});

test.for([
  ...['uptime', 'uptime -p', 'uname -a', 'whoami', 'id root', 'nproc --all', 'free -h'],
  ...['date', 'date -u', 'date -Iseconds', 'date +%F', "date '+%F %T'", 'date -u "+%F %T"', 'hostname', 'hostname -f'],
])('%j only tells something, and is allowed where no rule says otherwise', (command) => {
  expect(actionFor([], { command })).toEqual({ action: 'allow', by: command });
  for (const action of ['ask', 'deny'] as const) {
    const rule = { kind: 'exec', pattern: '*', action } as const;
    expect(actionFor([rule], { command })).toEqual({ action, by: '*' });
  }
});

test.for([
  ...['date -s now', 'date 010203042026', 'date --set=now', 'hostname other', 'hostname -F /etc/x', 'uptimes'],
  ...['/tmp/uptime', 'uptime; ls', 'uptime && ls', 'uptime | sh', 'uptime > x', 'uptime\nls', 'uptime &'],
  ...['uptime $(ls)', 'id `ls`', 'date "+$(ls)"', 'date +$(ls)', 'date "+`ls`"', "date '+%F' x", 'A=1 uptime'],
  ...[' uptime', 'uptime\n', 'uptime ~', ''],
])('%j may do something, and a person is asked', (command) => {
  expect(actionFor([], { command })).toEqual({ action: 'ask', by: null });
});

test.for([{ agentConfiguration: true }, { warning: 'Somebody should look at this.' }, { kind: 'write' as const }])(
  'with %j nothing is allowed by what the command says, and denied all the same',
  (unusual) => {
    const kind = unusual.kind ?? 'exec';
    const rule = (action: 'allow' | 'deny') => [{ kind, pattern: 'uptime', action }] as const;
    expect(actionFor([], { command: 'uptime', ...unusual })).toEqual({ action: 'ask', by: null });
    expect(actionFor(rule('allow'), { command: 'uptime', ...unusual })).toEqual({ action: 'ask', by: null });
    expect(actionFor(rule('deny'), { command: 'uptime', ...unusual })).toEqual({ action: 'deny', by: 'uptime' });
  },
);
