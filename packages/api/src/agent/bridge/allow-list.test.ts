import { expect, test } from 'vitest';
import { createAllowList, isReachable } from './allow-list.ts';

const allows = (entries: string[], url: string) => createAllowList(entries)(new URL(url));

test.each([
  ['agents.example.com', 'https://agents.example.com/x', true],
  ['agents.example.com', 'https://AGENTS.example.com:8443', true],
  ['agents.example.com', 'https://x.agents.example.com', false],
  ['agents.example.com', 'https://agents.example.com.evil.com', false],
  ['*.example.com', 'https://a.b.example.com', true],
  ['*.example.com', 'https://example.com', false],
  ['*.example.com', 'https://evilexample.com', false],
  ['agents.example.com:8443', 'https://agents.example.com:8443', true],
  ['agents.example.com:8443', 'https://agents.example.com', false],
  ['agents.example.com:443', 'https://agents.example.com', true],
  ['10.0.0.0/8', 'http://10.1.2.3:9000', true],
  ['10.0.0.0/8', 'http://11.1.2.3', false],
  ['10.0.0.0/8', 'http://10.evil.com', false],
  ['10.0.0.0/8:9000', 'http://10.1.2.3:9001', false],
  ['10.0.0.7', 'http://0x0a000007', true],
  ['10.0.0.7', 'http://10.0.0.70', false],
  ['[fd00::]/8', 'http://[fd00::1]:80', true],
  ['[fd00::]/8', 'http://[fe80::1]', false],
  ['[::1]', 'http://[::1]', true],
])('the entry %s, asked for %s, allows it: %s', (entry, url, expected) => expect(allows([entry], url)).toBe(expected));

test('createAllowList allows nothing without entries, and only http and https with them', () => {
  expect(allows([], 'http://agents.example.com')).toBe(false);
  expect(allows(['agents.example.com'], 'ftp://agents.example.com')).toBe(false);
});

test.each(['', 'a b', 'http://x', '10.0.0.0/99', '*', '*.', 'a..b', 'x:y'])(
  'createAllowList throws for the entry “%s”',
  (entry) => {
    expect(() => createAllowList([entry])).toThrow();
  },
);

test('isReachable requires loopback for a local bridge, and a listed address for a remote one', () => {
  const all = createAllowList(['127.0.0.1']);
  const none = createAllowList([]);
  expect(isReachable(none, { url: 'http://127.0.0.1:1', isRemote: false })).toBe(true);
  expect(isReachable(none, { url: 'psk://127.0.0.1:1', isRemote: false })).toBe(true);
  expect(isReachable(none, { url: 'psk://agents.example.com:1', isRemote: false })).toBe(false);
  expect(isReachable(all, { url: 'psk://127.0.0.1:1', isRemote: true })).toBe(false);
  expect(isReachable(none, { url: 'http://127.0.0.1:1', isRemote: true })).toBe(false);
  expect(isReachable(all, { url: 'http://127.0.0.1:1', isRemote: true })).toBe(true);
  expect(isReachable(all, { url: 'https://agents.example.com', isRemote: false })).toBe(false);
  expect(isReachable(all, { url: 'no address', isRemote: true })).toBe(false);
});
