import { expect, test } from 'vitest';
import { checkFiles } from './claude-content.ts';

const mb = 1024 * 1024;
const file = (name: string, mediaType: string, size: number) => ({ id: name, name, mediaType, size, path: '' });
const task = (message = 'Hello') => ({
  ...{ taskId: '', sessionKey: '', message, attachments: [], history: [] },
  ...{ callbackUrl: '', callbackToken: '', timeoutMs: 1 },
});
const refused = (files: ReturnType<typeof file>[], options?: { shrinks: boolean }) => {
  const end = checkFiles(task(), files, options);
  return end?.type === 'error' ? [end.reason, end.detail] : null;
};

test('what the provider takes is sent, and an image that is too large as it is sent is told by name', () => {
  expect(refused([])).toBeNull();
  expect(refused([file('a.png', 'image/png', 3.75 * mb), file('a.pdf', 'application/pdf', 10 * mb)])).toBeNull();
  const large = file('b.webp', 'image/webp', 3.75 * mb + 1);
  expect(refused([large])).toEqual(['ATTACHMENT_TOO_LARGE', expect.stringContaining('b.webp')]);
  expect(refused([large], { shrinks: true })).toBeNull();
});

test('what is too much for one request only together is refused, since it grows on the way', () => {
  const pdf = (name: string) => file(name, 'application/pdf', 8 * mb);
  expect(refused([pdf('a'), pdf('b')])).toBeNull();
  expect(refused([pdf('a'), pdf('b'), pdf('c')])).toEqual([
    'ATTACHMENT_TOO_LARGE',
    expect.stringContaining('several messages'),
  ]);
  expect(refused(['a', 'b', 'c'].map((name) => file(name, 'text/csv', 8 * mb)))).toBeNull();
});

test('what is no image, PDF or text is refused by name', () => {
  expect(refused([file('a.txt', 'text/plain', 1), file('x.zip', 'application/zip', 1)])).toEqual([
    'ATTACHMENT_TYPE_REFUSED',
    expect.stringContaining('x.zip'),
  ]);
});
