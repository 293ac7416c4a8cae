import { expect, test } from 'vitest';
import { ApprovalRequested } from './gateway-event.ts';
import { isHarmless } from './harmless.ts';

const asked = (command: string, more: object = {}) =>
  ApprovalRequested.parse({
    id: '01990000-0000-7000-8000-000000000001',
    request: { command, allowedDecisions: ['allow-once', 'deny'], ...more },
    expiresAtMs: 0,
  });

test.for([
  ...['uptime', 'uptime -p', 'uname -a', 'whoami', 'id root', 'nproc --all', 'free -h'],
  ...['date', 'date -u', 'date -Iseconds', 'date +%F', "date '+%F %T'", 'date -u "+%F %T"', 'hostname', 'hostname -f'],
])('%j only tells something', (command) => {
  expect(isHarmless(asked(command))).toBe(true);
});

test.for([
  ...[
    'date -s now',
    'date 010203042026',
    'date --set=now',
    'hostname other',
    'hostname -F /etc/x',
    'uptimes',
    '/tmp/uptime',
  ],
  ...['uptime; ls', 'uptime && ls', 'uptime | sh', 'uptime > x', 'uptime\nls', 'uptime &', 'uptime $(ls)', 'id `ls`'],
  ...[
    'date "+$(ls)"',
    'date +$(ls)',
    'date "+`ls`"',
    "date '+%F' x",
    'A=1 uptime',
    ' uptime',
    'uptime\n',
    'uptime ~',
    '',
  ],
])('%j may do something', (command) => {
  expect(isHarmless(asked(command))).toBe(false);
});

test('what is out of the ordinary is asked about, whatever the command', () => {
  expect(isHarmless(asked('uptime', { envKeys: ['BASH_ENV'] }))).toBe(false);
  expect(isHarmless(asked('uptime', { warningText: 'Somebody should look at this.' }))).toBe(false);
  expect(isHarmless(asked('uptime', { allowedDecisions: ['deny'] }))).toBe(false);
});
