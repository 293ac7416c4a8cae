import { expect, test } from 'vitest';
import { readPreferences } from './preferences.ts';

test('readPreferences returns stored values, and the default for missing and unknown ones', () => {
  const stored = new Map([
    ['theme', 'dark'],
    ['text', 'enormous'],
  ]);
  expect(readPreferences((key) => stored.get(key) ?? null)).toEqual({
    theme: 'dark',
    text: 'normal',
    keys: 'on',
    notifications: 'off',
  });
});
