import { expect, test } from 'vitest';
import { toPerson } from './profile.ts';

const profile = { sub: '1', email: 'grace@example.com', name: 'Grace' };

test('toPerson drops invisible characters from a name, and uses the next best claim when nothing remains', () => {
  const names = {
    'a\u0000b': 'ab',
    '\u202eGrace\u200b': 'Grace',
    ' \u0007 ': 'grace',
    'a\u2028b': 'a b',
    'a\u3164\u2800b': 'ab',
    格蕾丝: '格蕾丝',
  };
  for (const [name, expected] of Object.entries(names)) {
    expect([name, toPerson({ ...profile, name }, false).name]).toEqual([name, expected]);
  }
  expect(toPerson({ ...profile, name: '\u0000', preferred_username: 'gr\u0000ace' }, false).name).toBe('grace');
  expect(toPerson({ ...profile, name: 'x'.repeat(100) }, false).name).toHaveLength(80);
  expect(toPerson({ sub: '1', name: 7 }, false).name).toBe('');
});

test('toPerson treats an address as verified only when the provider says `true`, or says nothing and is trusted', () => {
  for (const [email_verified, verified, trusted] of [
    [true, true, true],
    [undefined, false, true],
    [false, false, false],
    ['true', false, false],
    ['false', false, false],
    [1, false, false],
    [null, false, false],
  ] as const) {
    const isVerified = (trustEmail: boolean) => toPerson({ ...profile, email_verified }, trustEmail).emailVerified;
    expect([email_verified, isVerified(false), isVerified(true)]).toEqual([email_verified, verified, trusted]);
  }
});
