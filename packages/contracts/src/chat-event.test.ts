import { expect, test } from 'vitest';
import { serializeApprovalSubject } from './chat-event.ts';

test('serializeApprovalSubject is different for every kind, command, folder and content, also when text moves between the fields', () => {
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
  ].map(serializeApprovalSubject);
  expect(new Set(subjects).size).toBe(subjects.length);
  expect(serializeApprovalSubject({ command: 'a' })).toBe(serializeApprovalSubject({ kind: 'exec', command: 'a' }));
});
