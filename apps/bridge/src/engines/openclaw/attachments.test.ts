import { expect, test } from 'vitest';
import { checkFiles, GatewayPolicy } from './attachments.ts';

const POLICY = GatewayPolicy.parse({ maxPayload: 1_000_000, attachments: { maxBytes: 500_000, maxImageBytes: 1_000 } });
const file = (name: string, size: number, mediaType = 'text/plain') => ({ id: name, name, mediaType, size, path: '' });
const getRefusal = (...files: ReturnType<typeof file>[]) => {
  const end = checkFiles('Hello', files, POLICY);
  return end?.type === 'error' ? [end.reason, end.detail] : null;
};

test('checkFiles accepts files within the limits, and names a file that is too large', () => {
  expect(getRefusal()).toBeNull();
  expect(getRefusal(file('a', 500_000))).toBeNull();
  expect(getRefusal(file('a.log', 500_001))).toEqual(['ATTACHMENT_TOO_LARGE', expect.stringContaining('a.log')]);
  expect(getRefusal(file('a', 1), file('b.png', 1_001, 'image/png'))?.[1]).toContain('b.png');
});

test('checkFiles refuses files that together exceed a frame after encoding', () => {
  expect(getRefusal(file('a', 350_000), file('b', 350_000))).toBeNull();
  expect(getRefusal(file('a', 400_000), file('b', 400_000))?.[1]).toContain('several messages');
});

test('GatewayPolicy has defaults for a gateway that announces no limits', () => {
  expect(GatewayPolicy.parse({})).toEqual({
    maxPayload: 26_214_400,
    attachments: { maxBytes: 19_464_192, maxImageBytes: 6_291_456 },
  });
});
