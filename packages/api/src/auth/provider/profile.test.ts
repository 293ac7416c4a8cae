import { expect, test } from 'vitest';
import { personOf } from './profile.ts';

const said = { sub: '1', email: 'grace@example.com', name: 'Grace' };

test('personOf drops what cannot be seen from a name, and takes the next best when nothing is left', () => {
  const names = {
    'a\u0000b': 'ab',
    '\u202eGrace\u200b': 'Grace',
    ' \u0007 ': 'grace',
    'a\u2028b': 'ab',
    格蕾丝: '格蕾丝',
  };
  for (const [name, shown] of Object.entries(names)) {
    expect([name, personOf({ ...said, name }, false).name]).toEqual([name, shown]);
  }
  expect(personOf({ ...said, name: '\u0000', preferred_username: 'gr\u0000ace' }, false).name).toBe('grace');
  expect(personOf({ ...said, name: 'x'.repeat(100) }, false).name).toHaveLength(80);
  expect(personOf({ sub: '1', name: 7 }, false).name).toBe('');
});

test('personOf takes an address for verified only by the boolean of the provider, or without one where it is trusted', () => {
  for (const [email_verified, verified, trusted] of [
    [true, true, true],
    [undefined, false, true],
    [false, false, false],
    ['true', false, false],
    ['false', false, false],
    [1, false, false],
    [null, false, false],
  ] as const) {
    const by = (trustEmail: boolean) => personOf({ ...said, email_verified }, trustEmail).emailVerified;
    expect([email_verified, by(false), by(true)]).toEqual([email_verified, verified, trusted]);
  }
});
