import { expect, test } from 'vitest';
import { filterLogs, parseLogs } from './parse-logs.ts';

const bridge = [
  '{"level":30,"time":1795904000000,"pid":1,"hostname":"h","port":4000,"msg":"gateway started"}',
  '{"level":50,"time":1795904002000,"msg":"callback failed","err":{"message":"connect ECONNREFUSED"}}',
];
const gateway = [
  '◇  Doctor changes ───╮',
  '│                     │',
  '2026-11-28T22:13:21.000+00:00 [skills] watcher error: permission denied',
  '    at Watcher.open',
];

test('lines of both logs are parsed and merged by time, and lines without a time follow the line before them', () => {
  const lines = parseLogs({ bridge, gateway });
  expect(lines.map(({ source, level, message, details }) => [source, level, message, details])).toEqual([
    ['gateway', 'info', '  Doctor changes', ''],
    ['bridge', 'info', 'gateway started', 'port=4000'],
    ['gateway', 'error', 'watcher error: permission denied', 'skills'],
    ['gateway', 'info', '    at Watcher.open', ''],
    ['bridge', 'error', 'callback failed: connect ECONNREFUSED', ''],
  ]);
});

test.for([
  '',
  ' ',
  'null',
  '1',
  '[]',
  '{',
  '{"msg":null}',
  '{"msg":{},"err":1,"time":"x","level":"y"}',
  '9999-99-99T1 x',
])('the line %j is shown as it is, unless it is empty', (raw) => {
  const lines = parseLogs({ bridge: [raw], gateway: [raw] });
  expect(lines.map((line) => line.raw)).toEqual(raw.trim() === '' ? [] : [raw, raw]);
});

test('filterLogs finds text in any case, from a level on', () => {
  const lines = parseLogs({ bridge, gateway });
  expect(filterLogs(lines, { query: 'ECONN', level: 'debug' })).toHaveLength(1);
  expect(filterLogs(lines, { query: 'econn', level: 'debug' })).toHaveLength(1);
  expect(filterLogs(lines, { query: '', level: 'error' })).toHaveLength(2);
  expect(filterLogs(lines, { query: ' port ', level: 'info' })).toHaveLength(1);
});
