import { expect, test } from 'vitest';
import { decideAction } from './decide-action.ts';

const startedAt = (revision: number) => ({ revision });

test.each([
  ['RUNNING', undefined, 'start'],
  ['RUNNING', startedAt(2), 'none'],
  ['RUNNING', startedAt(1), 'restart'],
  ['RUNNING', startedAt(3), 'restart'],
  ['STOPPED', undefined, 'stop'],
  ['STOPPED', startedAt(2), 'drain'],
  ['STOPPED', startedAt(1), 'drain'],
  ['REMOVED', undefined, 'remove'],
  ['REMOVED', startedAt(2), 'remove'],
] as const)('decideAction for %s at revision 2 with %o started returns %s', (desiredState, started, action) => {
  expect(decideAction({ desiredState, revision: 2 }, started)).toBe(action);
});
