import { expect, test, vi } from 'vitest';
import { ApprovalRule, decideByRules, findPatternProblem, type RuleAction } from './approval-rule.ts';
import type { ApprovalKind } from './chat-event.ts';
import { limits } from './limits.ts';

const rule = (pattern: string, action: RuleAction = 'allow', kind: ApprovalKind = 'exec') =>
  ApprovalRule.parse({ kind, pattern, action });
/** Creates a rule without the checks for new rules, as older databases contain it. */
const createStoredRule = (pattern: string, action: RuleAction = 'allow', kind: ApprovalKind = 'exec') => ({
  kind,
  pattern,
  action,
});
/** Parses rules from text such as `deny rm -rf **, allow **`. */
const parseRules = (text: string) =>
  text.split(', ').map((one) => rule(one.slice(one.indexOf(' ') + 1), one.split(' ')[0] as RuleAction));
const decide = (rules: string, command: string) => decideByRules(parseRules(rules), { command }).action;
const isAllowed = (pattern: string, command: string, kind: ApprovalKind = 'exec') =>
  decideByRules([createStoredRule(pattern, 'allow', kind)], { kind, command }).because === 'rule';

test.for([
  ['df -h', 'df -h', true],
  ['df -h', 'df  -h', true],
  ['df -h', ' df -h ', true],
  ['df -h', '"df" -h', true],
  ['df -h', "df '-h'", true],
  ['df -h', 'd\\f -h', true],
  ['df -h', 'df -h /', false],
  ['df -h', 'df', false],
  ['df -h', 'DF -H', false],
  ['df -h', '/bin/df -h', false],
  ['df -h', 'sudo df -h', false],
  ['df -h', 'A=1 df -h', false],
  ['df *', 'df /srv', true],
  ['df *', 'df -h', false],
  ['df *', 'df +h', false],
  ['df *', 'df A=1', false],
  ['df *', 'df', false],
  ['df *', "df ''", false],
  ['df *', "df 'a b'", false],
  ['df *', 'df /srv /etc', false],
  ['df *', 'df ..', false],
  ['df *', 'df ../x', false],
  ['df *', 'df x/..', false],
  ['df *', 'df .', false],
  ['df *', 'df a..b', true],
  ['df **', 'df', true],
  ['df **', 'df -h', true],
  ['df **', "df -h '/a b' ../..", true],
  ['df **', 'dfx', false],
  ['df* x', 'df x', false],
  ['git -C * status', 'git -C /srv/app status', true],
  ['git -C * status', 'git -C /srv/app push', false],
  ['git -C * status', 'git -C /srv/app status -s', false],
  ['git -C * status **', 'git -C /srv/app status -s', true],
  ['git log a*', 'git log a', true],
  ['git log a*', 'git log abc', true],
  ['git log a*', 'git log b', false],
  ['git log *c', 'git log abc', true],
  ['git log *c', 'git log -c', false],
  ['git log a*b*c', 'git log a-b-b-c', true],
  ['git log ab*ba', 'git log aba', false],
  ['git log HEAD~1', 'git log HEAD~1', true],
  ['git log HEAD^', 'git log HEAD^', true],
  ["grep 'a b' *", 'grep "a b" x', true],
  ["grep 'a b' *", 'grep a b', false],
  ["find /srv -name '*.txt'", 'find /srv -name "*.txt"', true],
  ["find /srv -name '*.txt'", 'find /srv -name *.txt', false],
  ["find /srv -name '*.txt'", 'find /srv -name a.txt', false],
  ['cat --file=*', 'cat --file=a', true],
  ['cat --file=*', 'cat --file=', false],
  ['cat --file=*', 'cat --file=../a', false],
  ['cat 文件*', 'cat 文件1', true],
  // Attempts to leave the folder of an allow.
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/x', true],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/x/y', true],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/../../etc/nginx', false],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/x/../../../home', false],
  ['rm -rf /srv/tmp/*', 'rm -rf "/srv/tmp/.."', false],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/.', false],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/', false],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/x /etc', false],
  ['rm -rf /srv/tmp/*', 'rm -rf "/srv/tmp/x /etc"', false],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/* /home/*', false],
  ['rm -rf /srv/tmp/*', 'rm -rf /srv/tmp/*', false],
  ['rm -rf /srv/tmp/*', 'rm -fr /srv/tmp/x', false],
  ['cat /srv/logs/*', 'cat /srv/logs/a /etc/shadow', false],
  ['cat /srv/logs/*', 'cat /srv/logs/a;id', false],
  ['systemctl status *', 'systemctl status nginx', true],
  ['systemctl status *', 'systemctl status x -H root@other', false],
  ['systemctl status *', 'systemctl status -Hroot@other', false],
  ['systemctl status *', 'systemctl restart nginx', false],
  // Patterns from before words.
  ['git log*', 'git log', true],
  ['git log*', 'git logs', true],
  ['git log*', 'git log -p', false],
  ['git*', 'git log', false],
  ['git*', 'git', false],
  ['git ** status', 'git x status', false],
  ['df -h | head -n *', 'df -h | head -n 5', false],
  // Any program.
  ['**', 'anything at all', true],
  ['**', 'ls', true],
  ['**', "git commit -m 'a b'", true],
  ['**', "sh -c 'rm -rf x'", false],
  ['**', 'env rm x', false],
  ['**', 'xargs rm', false],
  ['**', './x.sh', false],
  ['**', "test -v 'x[y]'", false],
  ['**', 'eval rm', false],
  ['**', '. ./x', false],
  ['*', 'ls', true],
  ['*', 'ls -l', false],
  ['*', 'sh', false],
  ['sh **', 'sh x.sh', true],
  ['sh **', "sh -c 'a; b'", false],
  // Compared as a whole text.
  ['df -h | sort', 'df -h | sort', true],
  ['df -h | sort', 'df -h  | sort', false],
  ['df -h | sort', 'df -h | sort -r', false],
  ['cd /srv && make', 'cd /srv && make', true],
  ['cd /srv && make', 'cd /srv && make\n', false],
  ['echo $HOME', 'echo $HOME', true],
  ['ls ~', 'ls ~', true],
] as const)('the allow "%s" matches %j: %s', ([pattern, command, expected]) => {
  expect(isAllowed(pattern, command)).toBe(expected);
});

test.for([
  ...['df -h; rm -rf /', 'df -h;rm -rf /', 'df -h && rm -rf /', 'df -h & rm -rf /', 'df -h || rm -rf /', 'df -h | sh'],
  ...['df -h\nrm -rf /', 'df -h\rrm -rf /', 'df -h\u2028rm -rf /', 'df\t-h', "df 'a\nb'", 'df \\\n-h'],
  ...['df $(rm -rf /)', 'df "$(rm -rf /)"', 'df `rm -rf /`', 'df "`rm`"', 'df $HOME', "df $'a'", 'df $"a"'],
  ...['df <(rm -rf /)', 'df -h > /etc/passwd', 'df -h >> ~/.bashrc', 'df < /etc/shadow', 'df 2>&1', 'df <<x'],
  ...['df {a,b}', 'df a{1..3}', 'df ?', 'df [a]', 'df a*', 'df ~', 'df ~root', 'df a=~', 'df !!', 'df #x'],
  ...['df -h\0', 'df -\u200bh', 'df \u202e-h', 'df \uFFFD', 'df\u00a0-h', 'df \u3164', 'df \ufe0f', "df '\u00ad'"],
  ...["df 'a;b'", 'df "a|b"', 'df a\\&b', "df '$(x)'", "df '`x`'", "df '!x'", "df 'a>b'", "df '{a,b}'"],
  ...["df 'a", 'df "a', 'df \\', 'if df', '! df', '{ df', 'time df', 'x() df', '(df)', '-c df', '=df', '%1', ''],
])('decideByRules allows %j by no wildcard', (command) => {
  for (const pattern of ['df *', 'df **', '*', '**', 'df -h *', 'df * **'])
    expect([pattern, isAllowed(pattern, command)]).toEqual([pattern, false]);
});

test.for([
  ['rm -rf *', 'rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'rm  -rf /srv/a', 'deny'],
  ['rm -rf *', 'rm\t-rf /srv/a', 'deny'],
  ['rm -rf *', 'rm -fr /srv/a', 'deny'],
  ['rm -rf *', 'rm -r -f /srv/a', 'deny'],
  ['rm -rf *', 'rm -f /srv/a -r', 'deny'],
  ['rm -rf *', 'rm -vrf /srv/a', 'deny'],
  ['rm -rf *', 'rm -Rf /srv/a', 'deny'],
  ['rm -rf *', 'rm --recursive --force /srv/a', 'deny'],
  ['rm -rf *', 'rm --rec -f /srv/a', 'deny'],
  ['rm -rf *', 'rm -rf', 'deny'],
  ['rm -rf *', '/bin/rm -rf /srv/a', 'deny'],
  ['rm -rf *', '//bin/./rm -rf /srv/a', 'deny'],
  ['rm -rf *', '"rm" -rf /srv/a', 'deny'],
  ['rm -rf *', "r''m -rf /srv/a", 'deny'],
  ['rm -rf *', '\\rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'r\\\nm -rf /srv/a', 'deny'],
  ['rm -rf *', 'rm "-r"f /srv/a', 'deny'],
  ['rm -rf *', 'A=1 rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'A=1 B="x y" rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'ls; rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'ls;rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'ls\nrm -rf /srv/a', 'deny'],
  ['rm -rf *', 'ls && rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'ls & rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'ls | rm -rf /srv/a', 'deny'],
  ['rm -rf *', '(rm -rf /srv/a)', 'deny'],
  ['rm -rf *', '{ rm -rf /srv/a; }', 'deny'],
  ['rm -rf *', 'if true; then rm -rf /srv/a; fi', 'deny'],
  ['rm -rf *', '! rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'rm>/dev/null -rf /srv/a', 'deny'],
  ['rm -rf *', '>x rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'echo $(rm -rf /srv/a)', 'deny'],
  ['rm -rf *', 'echo "$(rm -rf /srv/a)"', 'ask'],
  ['rm -rf *', 'echo `rm -rf /srv/a`', 'ask'],
  ['rm -rf *', 'rm -rf $X', 'deny'],
  ['rm -rf *', '$X -rf /srv/a', 'ask'],
  ['rm -rf *', 'r? -rf /srv/a', 'ask'],
  ['rm -rf *', '/bin/r[m] -rf /srv/a', 'ask'],
  ['rm -rf *', '{rm,-rf,/srv/a}', 'ask'],
  ['rm -rf *', 'RM -rf /srv/a', 'ask'],
  ['rm -rf *', 'sudo rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'sudo -u root -- rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'env A=1 rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'nohup rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'timeout 5 rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'nice -n 5 rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'setsid rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'command rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'exec rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'busybox rm -rf /srv/a', 'deny'],
  ['rm -rf *', 'xargs rm -rf', 'deny'],
  ['rm -rf *', "sh -c 'rm -rf /srv/a'", 'deny'],
  ['rm -rf *', "/bin/bash -c 'ls; rm -rf /srv/a'", 'deny'],
  ['rm -rf *', 'sh -c \'sh -c "rm -rf /srv/a"\'', 'deny'],
  ['rm -rf *', 'sh -c "$X"', 'ask'],
  ['rm -rf *', "env -S 'rm -rf /srv/a'", 'ask'],
  ['rm -rf *', 'xargs sh', 'ask'],
  ['rm -rf *', 'find /srv -exec rm -rf {} +', 'ask'],
  ['rm -rf *', "find /srv -exec rm -rf '{}' ';'", 'ask'],
  ['rm -rf *', 'find /srv -delete', 'ask'],
  ['rm -rf *', 'bash x.sh', 'ask'],
  ['rm -rf *', './x.sh', 'ask'],
  ['rm -rf *', '/srv/x.sh', 'ask'],
  ['rm -rf *', 'eval x', 'ask'],
  ['rm -rf *', '. ./x', 'ask'],
  ['rm -rf *', 'source x', 'ask'],
  ['rm -rf *', "python3.11 -c 'print(1)'", 'ask'],
  ['rm -rf *', 'perl -e 1', 'ask'],
  ['rm -rf *', 'node x.js', 'ask'],
  ['rm -rf *', "awk 'BEGIN{x}'", 'ask'],
  ['rm -rf *', 'ssh other ls', 'ask'],
  ['rm -rf *', "ssh other 'rm -rf /srv/a'", 'deny'],
  ['rm -rf *', 'watch ls', 'ask'],
  ['rm -rf *', 'stdbuf -o0 ls', 'ask'],
  ['rm -rf *', 'parallel ls', 'ask'],
  ['rm -rf *', 'docker exec x rm -rf /srv/a', 'ask'],
  ['rm -rf *', 'unheard-of rm -rf /srv/a', 'ask'],
  ['rm -rf *', "unheard-of 'rm -rf /srv/a'", 'ask'],
  ['rm -rf *', 'unheard-of --run="rm -rf /srv/a"', 'ask'],
  ['rm -rf *', 'unheard-of sh -c x', 'ask'],
  ['rm -rf *', "tar cf x --checkpoint-action=exec='rm -rf y'", 'ask'],
  ['rm -rf *', 'PATH=/tmp ls', 'ask'],
  ['rm -rf *', 'ls "a', 'ask'],
  ['rm -rf *', 'l\u200bs', 'ask'],
  ['rm -rf *', 'rm -r /srv/a', 'allow'],
  ['rm -rf *', 'rm /srv/rf', 'allow'],
  ['rm -rf *', 'ls -rf', 'allow'],
  ['rm -rf *', 'man rm', 'allow'],
  ['rm -rf *', 'rmdir -p x', 'allow'],
  ['rm -rf **', '/bin/rm -f -r x', 'deny'],
  ['*rm -rf *', 'ls; rm -rf /', 'deny'],
  ['*rm -rf *', 'rm  -fr /', 'deny'],
  ['shutdown*', '/sbin/shutdown -h now', 'deny'],
  ['shutdown*', 'shutdown', 'deny'],
  ['shutdown*', "'shut'down -h now", 'deny'],
  ['shutdown', 'shutdown -h now', 'deny'],
  ['/sbin/shutdown', '/sbin/shutdown -h now', 'deny'],
  ['/sbin/shutdown', 'shutdown -h now', 'ask'],
  ['*/etc/shadow*', 'cat /etc/shadow', 'deny'],
  ['*/etc/shadow*', 'cat /etc//shadow', 'deny'],
  ['*/etc/shadow*', 'cat /etc/./shadow', 'deny'],
  ['*/etc/shadow*', 'cat /etc/nginx/../shadow', 'deny'],
  ['*/etc/shadow*', 'cat ../../etc/shadow', 'deny'],
  ['*/etc/shadow*', 'cat "/etc/sha"dow', 'deny'],
  ['*/etc/shadow*', 'cat /etc/shado?', 'ask'],
  ['*/etc/shadow*', 'cat /etc/passwd', 'allow'],
  ['cat /etc/shadow', 'cat -n /etc//shadow', 'deny'],
  ['cat /etc/shadow', 'cat /etc/hosts /etc/shadow', 'ask'],
  ['cat /etc/shadow', 'cat /etc/hosts', 'allow'],
  ['reboot', 'reboot -f', 'deny'],
  ['reboot', 'reboot ', 'deny'],
  ['reboot', 'rebooted', 'allow'],
  ['git push *', 'git push', 'deny'],
  ['git push *', 'git push origin', 'deny'],
  ['git push *', 'git -C /srv push origin', 'deny'],
  ['git push *', 'git --no-pager -C /srv push origin', 'deny'],
  ['git push *', 'git -c a=b push origin', 'deny'],
  ['git push *', 'git -c alias.x=push x', 'ask'],
  ['git push *', 'git x', 'ask'],
  ['git push *', 'git config alias.x push', 'ask'],
  ['git push *', 'git log', 'allow'],
  ['git push *', 'git -C /srv log', 'allow'],
  ['git push --force *', 'git push -f origin', 'deny'],
  ['git push --force *', 'git push origin', 'allow'],
  ['kill -9 *', 'kill -9 1', 'deny'],
  ['kill -9 *', 'kill -s KILL 1', 'ask'],
  ['kill -9 *', 'kill 1', 'allow'],
  ['foo -x', 'foo --extra', 'ask'],
  ['foo --extra', 'foo -x', 'ask'],
  ['foo --extra', 'foo --ext', 'deny'],
  ['foo --extra', 'foo --other', 'allow'],
  ['tar -x **', 'tar xf a.tar', 'deny'],
  ['curl * | sh', 'curl x | sh', 'deny'],
  ['curl * | sh', 'curl x|sh', 'ask'],
  ['*', 'ls; x', 'deny'],
  ['**', "sh -c 'x", 'deny'],
] as const)('the deny "%s" before an allow of everything decides %j: %s', ([pattern, command, expected]) => {
  expect(decide(`deny ${pattern}, allow **`, command)).toBe(expected);
  // An ask matches the same commands.
  expect(decide(`ask ${pattern}, allow **`, command)).toBe(expected === 'deny' ? 'ask' : expected);
});

test('an allow of an exact text applies before a deny, and asks after a deny that can match the text', () => {
  expect(decide('allow bash x.sh, deny rm -rf **', 'bash x.sh')).toBe('allow');
  expect(decide('deny rm -rf **, allow bash x.sh', 'bash x.sh')).toBe('ask');
  expect(decide('deny rm -rf **, allow df -h | sort', 'df -h | sort')).toBe('allow');
  expect(decide('deny sort, allow df -h | sort', 'df -h | sort')).toBe('deny');
  expect(decide('deny rm **, allow echo $X', 'echo $X')).toBe('ask');
});

test('a deny of a path matches a relative path in a command', () => {
  const rules = parseRules('deny */etc/shadow*, allow **');
  expect(decideByRules(rules, { command: 'cat shadow', cwd: '/etc' }).action).toBe('deny');
  expect(decideByRules(rules, { command: 'cat ../etc/./shadow', cwd: '/srv' }).action).toBe('deny');
  expect(decideByRules(rules, { command: 'cat shadow', cwd: '/srv' }).action).toBe('allow');
});

test('decideByRules decides by the first matching rule, and asks when none matches', () => {
  const rules = [rule('git push **', 'ask'), rule('git **'), rule('**', 'deny')];
  const [ask, allow, deny] = rules;
  expect(decideByRules(rules, { command: 'git push origin' })).toMatchObject({
    action: 'ask',
    rule: ask,
    because: 'rule',
  });
  expect(decideByRules(rules, { command: 'git log' })).toMatchObject({ action: 'allow', by: 'git **', rule: allow });
  expect(decideByRules(rules, { command: 'git log; reboot' })).toMatchObject({ action: 'deny', rule: deny });
  expect(decideByRules(rules, { command: 'sh -c x' })).toMatchObject({ action: 'deny', rule: deny });
  expect(decideByRules(rules.slice(0, 2), { command: 'reboot' })).toEqual({
    ...{ action: 'ask', by: null, rule: null, because: 'none' },
  });
  expect(decideByRules(rules.slice(0, 2), { command: 'git x' })).toMatchObject({
    action: 'ask',
    by: null,
    rule: ask,
    because: 'doubt',
  });
});

test('an allow applies only to its kind, and a deny of commands also to those outside the sandbox', () => {
  const command = 'systemctl restart nginx';
  const outside = { kind: 'exec-unsandboxed', command } as const;
  expect(decideByRules([rule('**')], { kind: 'write', command: '/etc/hosts' }).action).toBe('ask');
  expect(decideByRules([rule(command)], outside).action).toBe('ask');
  expect(decideByRules([rule('**')], outside).action).toBe('ask');
  expect(decideByRules([rule(command, 'allow', 'exec-unsandboxed')], outside).action).toBe('allow');
  expect(decideByRules([rule(command, 'allow', 'exec-unsandboxed')], { command }).action).toBe('ask');
  for (const action of ['ask', 'deny'] as const) {
    expect(decideByRules([rule('systemctl **', action), rule('**', 'allow', 'exec-unsandboxed')], outside).action).toBe(
      action,
    );
    expect(decideByRules([rule('systemctl **', action, 'exec-unsandboxed'), rule('**')], { command }).action).toBe(
      'allow',
    );
  }
  expect(decideByRules([], { kind: 'exec-unsandboxed', command: 'uptime' }).action).toBe('ask');
});

test.for([{ agentConfiguration: true }, { warning: 'Check this command.' }])(
  'decideByRules ignores allows but not denies for a request with %j',
  (unusual) => {
    const request = { command: 'uptime', ...unusual };
    expect(decideByRules([], request)).toMatchObject({ action: 'ask', by: null, because: 'unusual' });
    expect(decideByRules([rule('uptime'), rule('**')], request)).toMatchObject({ action: 'ask', by: null });
    expect(decideByRules([rule('uptime', 'deny')], request)).toMatchObject({ action: 'deny', by: 'uptime' });
    expect(
      decideByRules([rule('/srv/**', 'allow', 'write')], { ...request, kind: 'write', command: '/srv/a' }).action,
    ).toBe('ask');
  },
);

test('decideByRules never allows a command that was truncated', () => {
  expect(isAllowed('echo *', `echo ${'x'.repeat(1_000)}`)).toBe(true);
  expect(isAllowed('echo *', `echo ${'x'.repeat(limits.command)}`.slice(0, limits.command))).toBe(false);
});

test.for([
  ['/srv/app/*', '/srv/app/x.txt', true],
  ['/srv/app/*', '/srv/app/a/b', false],
  ['/srv/app/*/b', '/srv/app/a/b', true],
  ['/srv/app/*.txt', '/srv/app/x.txt', true],
  ['/srv/app/*.txt', '/srv/app/x.sh', false],
  ['/srv/app/**', '/srv/app/a/b', true],
  ['/srv/app/**/b.txt', '/srv/app/a/c/b.txt', true],
  ['/srv/app/**', '/srv/app/../../etc/passwd', false],
  ['/srv/app/**', '/srv/app/..', false],
  ['/srv/app/**', '/srv/app/./x', false],
  ['/srv/app/**', '/srv/app//x', false],
  ['/srv/app/**', '/srv/app/', false],
  ['/srv/app/**', 'srv/app/x', false],
  ['/srv/app/**', '/srv/app/.git/config', false],
  ['/srv/app/**', '/srv/app/a/.env', false],
  ['/srv/app/*', '/srv/app/.env', false],
  ['/srv/app/.env', '/srv/app/.env', true],
  ['/srv/app/.config/*', '/srv/app/.config/x', true],
  ['/srv/app/**', '/srv/app/a\u200b', false],
  ['/srv/app/**', '/srv/application/x', false],
] as const)('the allow "%s" matches the written path %j: %s', ([pattern, path, expected]) => {
  expect(isAllowed(pattern, path, 'write')).toBe(expected);
});

test.for([
  ['/etc/*', '/etc/hosts', 'deny'],
  ['/etc/*', '/etc/a/b', 'deny'],
  ['/etc/**', '/etc//hosts', 'deny'],
  ['/etc/**', '/srv/../etc/hosts', 'deny'],
  ['/etc', '/etc/hosts', 'deny'],
  ['/etc/**', '/ETC/hosts', 'ask'],
  ['/etc/**', 'hosts', 'ask'],
  ['/etc/**', '/srv/a', 'allow'],
] as const)('the deny "%s" before an allow of any path decides %j: %s', ([pattern, command, expected]) => {
  const rules = [rule(pattern, 'deny', 'write'), rule('/**', 'allow', 'write')];
  expect(decideByRules(rules, { kind: 'write', command }).action).toBe(expected);
});

test.for([
  ['https://example.com/a?b=1&c=2', true],
  ['https://example.com.evil.example/', false],
  ['https://example.com/\\@evil.example', false],
  ['https://example.com/../a', false],
  ['https://example.com/%2e%2e/a', false],
  ['https://example.com/..%2fa', false],
  ['https://user@example.com/', false],
  ['http://example.com/', false],
  ['HTTPS://EXAMPLE.COM/', false],
] as const)('the allow of a site matches %j: %s', ([address, expected]) => {
  expect(isAllowed('https://example.com/*', address, 'fetch')).toBe(expected);
});

test.for([
  ['https://example.com/a', 'deny'],
  ['HTTPS://EXAMPLE.com/a', 'deny'],
  ['https://user@example.com:443/a', 'deny'],
  ['https://example.com./a', 'deny'],
  ['https://example.com:8443/a', 'deny'],
  ['http://example.com/a', 'ask'],
  ['no address', 'ask'],
] as const)('a deny of a site decides %j: %s', ([command, expected]) => {
  const rules = [rule('https://example.com/*', 'deny', 'fetch')];
  expect(decideByRules(rules, { kind: 'fetch', command }).action).toBe(expected);
});

test.for([
  ['exec', 'git*', 'program'],
  ['exec', '*ctl status', 'program'],
  ['exec', 'git ** status', 'rest'],
  ['exec', 'df -h | head -n *', 'operator'],
  ['exec', 'rm ~/*', 'operator'],
  ['exec-unsandboxed', 'a* b', 'program'],
  ['write', 'srv/*', 'path'],
  ['write', '/srv/../etc/*', 'path'],
  ['fetch', 'https://*', 'site'],
  ['fetch', '*', 'site'],
  ['fetch', 'https://*.example.com/', 'site'],
  ['fetch', 'https://example.com*', 'site'],
  ['fetch', 'https://a@example.com/*', 'site'],
  ['exec', 'df\u200b', 'invisible'],
  ['exec', 'df\0', 'invisible'],
  ['exec', 'df\u202e', 'invisible'],
] as const)('ApprovalRule refuses an allow of kind %s with the pattern %j: %s', ([kind, pattern, problem]) => {
  expect(findPatternProblem({ kind, pattern, action: 'allow' })).toBe(problem);
  const parsed = ApprovalRule.safeParse({ kind, pattern, action: 'allow' });
  expect(parsed.error?.issues).toMatchObject([{ path: ['pattern'] }]);
  // A deny pattern may be less precise.
  expect(ApprovalRule.safeParse({ kind, pattern, action: 'deny' }).success).toBe(problem !== 'invisible');
});

test('ApprovalRule refuses an empty pattern and one that is too long', () => {
  for (const pattern of ['', '   ', '\t', 'x'.repeat(limits.rulePattern + 1)])
    expect(ApprovalRule.safeParse({ kind: 'exec', pattern, action: 'allow' }).success).toBe(false);
});

test.for([
  ['exec', 'df -h ', 'df -h'],
  ['exec', '\tdf -h\t', 'df -h'],
  ['exec', 'df \t -h', 'df -h'],
  ['exec', "grep  'a  b'  *", "grep 'a  b' *"],
  ['exec', ' df  |  sort ', 'df  |  sort'],
  ['write', ' /srv/a  b ', '/srv/a  b'],
  ['fetch', ' https://example.com/ ', 'https://example.com/'],
] as const)('ApprovalRule removes insignificant blanks from a pattern of kind %s: %j', ([kind, pattern, expected]) => {
  expect(rule(pattern, 'allow', kind).pattern).toBe(expected);
});

test.for([
  ...[
    'uptime',
    'uptime -p',
    'uname -a',
    'uname -sr',
    'whoami',
    'id',
    'id root',
    'id -u root',
    'nproc --all',
    'free -h',
  ],
  ...['free -mt', 'free --human', 'date', 'date -u', 'date -Iseconds', 'date +%F', "date '+%F %T'", 'date -u "+%F %T"'],
  ...['hostname', 'hostname -f'],
])('decideByRules allows the read-only command %j unless a rule matches it', (command) => {
  expect(decideByRules([], { command })).toEqual({ action: 'allow', by: command, rule: null, because: 'harmless' });
  expect(decide('deny rm -rf **', command)).toBe('allow');
  for (const action of ['ask', 'deny'] as const)
    expect(decideByRules([rule('*', action)], { command })).toMatchObject({ action, by: '*' });
});

test.for([
  ...['free -s 0.001', 'free -s0.001', 'free -hs 1', 'free --seconds=1', 'free --sec 1', 'free -c 3', 'free -h x'],
  ...[
    'date -s now',
    'date 010203042026',
    'date --set=now',
    'date -f x',
    'date +%F x',
    'hostname other',
    'hostname -F /etc/x',
  ],
  ...['hostname -b', 'uptimes', '/tmp/uptime', './uptime', 'uptime x', 'uptime -x', 'uptime; ls', 'uptime && ls'],
  ...['uptime | sh', 'uptime > x', 'uptime\nls', 'uptime &', 'uptime $(ls)', 'id `ls`', 'date "+$(ls)"', 'date +$(ls)'],
  ...[
    'date "+`ls`"',
    "date '+%F' x",
    'A=1 uptime',
    'uptime\n',
    'uptime ~',
    'id -x',
    'nproc --ignore=x',
    'watch uptime',
  ],
  ...['toString', 'constructor', 'sudo id', ''],
])('decideByRules asks for %j, which is not read-only', (command) => {
  expect(decideByRules([], { command })).toMatchObject({ action: 'ask', by: null });
});

test('decideByRules searches for each piece of a pattern once, even for patterns designed to be slow', () => {
  const search = vi.spyOn(String.prototype, 'indexOf');
  const pattern = `x${'*a'.repeat(249)}b`;
  const command = `x${'a'.repeat(limits.command - 3)}`;
  expect(isAllowed(`echo ${pattern.slice(5)}`, `echo ${command.slice(5)}`)).toBe(false);
  expect(decideByRules([createStoredRule(pattern, 'deny')], { command }).action).toBe('ask');
  expect(search.mock.calls.length).toBeLessThan(20 * limits.rulePattern);
});

test.for(['rm '.repeat(limits.command / 3 - 1), ';'.repeat(31_000), '"a b" '.repeat(5_000), 'sh '.repeat(10_000)])(
  'decideByRules asks for a command with too many words when a deny can match it',
  (command) => {
    expect(decide('deny rm -x y, allow **', command)).not.toBe('allow');
  },
);
