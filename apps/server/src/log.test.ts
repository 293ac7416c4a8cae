import { expect, test } from 'vitest';
import { createLog } from './log.ts';

test('createLog omits error details and message lines that may contain user data', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => lines.push(line) });
  const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: 'Key (message)=(hunter2) exists.' });
  log.error({ err: new Error('Invalid `task.create()`:\n{ data: { message: "hunter2" } }', { cause }) }, 'it failed');
  const [line] = lines.map((text) => JSON.parse(text));
  expect(line.err).toMatchObject({ type: 'Error', message: 'Invalid `task.create()`:', cause: { code: '23505' } });
  expect(line.err.stack).toContain('log.test.ts');
  expect(lines.join('')).not.toContain('hunter2');
});

test('createLog escapes control characters, and its lines parse to the same values', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => lines.push(line) });
  const evil = '\u001b[2J\u009b2J\u0085\u202e\u2028\u200b\u007f\u2800\u3164\u{e0041}\ud800';
  log.info({ host: evil }, evil);
  expect(lines.join('').trimEnd()).toMatch(/^[\x20-\x7e]+$/);
  expect(JSON.parse(lines[0]!)).toMatchObject({ host: evil, msg: evil });
});
