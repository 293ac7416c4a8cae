import { expect, test } from 'vitest';
import { checkFiles, GatewayPolicy } from './attachments.ts';

const policy = GatewayPolicy.parse({ maxPayload: 1_000_000, attachments: { maxBytes: 500_000, maxImageBytes: 1_000 } });
const file = (name: string, size: number, mediaType = 'text/plain') => ({ id: name, name, mediaType, size, path: '' });
const refused = (...files: ReturnType<typeof file>[]) => {
  const end = checkFiles('Hello', files, policy);
  return end?.type === 'error' ? [end.reason, end.detail] : null;
};

test('what a gateway takes is sent, and what it does not is told by name', () => {
  expect(refused()).toBeNull();
  expect(refused(file('a', 500_000))).toBeNull();
  expect(refused(file('a.log', 500_001))).toEqual(['ATTACHMENT_TOO_LARGE', expect.stringContaining('a.log')]);
  expect(refused(file('a', 1), file('b.png', 1_001, 'image/png'))?.[1]).toContain('b.png');
});

test('what is too much for one frame only together is refused, since it grows on the way', () => {
  expect(refused(file('a', 350_000), file('b', 350_000))).toBeNull();
  expect(refused(file('a', 400_000), file('b', 400_000))?.[1]).toContain('several messages');
});

test('a gateway that tells no limits has the usual ones', () => {
  expect(GatewayPolicy.parse({})).toEqual({
    maxPayload: 26_214_400,
    attachments: { maxBytes: 19_464_192, maxImageBytes: 6_291_456 },
  });
});
