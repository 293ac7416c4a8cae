import { expect, test } from 'vitest';
import { approvalSubject } from './chat-event.ts';

test('approvalSubject differs whenever kind, command, folder or content does, and when text moves from one to the next', () => {
  const subjects = [
    { command: 'a' },
    { kind: 'write' as const, command: 'a' },
    { command: 'a', cwd: '' },
    { command: 'a', content: '' },
    { command: 'a', cwd: 'b' },
    { command: 'a', content: 'b' },
    { command: 'a","b' },
    { command: 'a', cwd: 'b', content: 'c' },
    { command: 'a', cwd: 'b","c' },
  ].map(approvalSubject);
  expect(new Set(subjects).size).toBe(subjects.length);
  expect(approvalSubject({ command: 'a' })).toBe(approvalSubject({ kind: 'exec', command: 'a' }));
});
