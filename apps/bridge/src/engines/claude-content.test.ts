import { expect, test } from 'vitest';
import { checkFiles } from './claude-content.ts';

const MB = 1024 * 1024;
const file = (name: string, mediaType: string, size: number) => ({ id: name, name, mediaType, size, path: '' });
const task = (message = 'Hello') => ({
  ...{ taskId: '', sessionKey: '', message, attachments: [], history: [] },
  ...{ callbackUrl: '', callbackToken: '', timeoutMs: 1 },
});
const getRefusal = (files: ReturnType<typeof file>[], options?: { resizesImages: boolean }) => {
  const end = checkFiles(task(), files, options);
  return end?.type === 'error' ? [end.reason, end.detail] : null;
};

test('checkFiles accepts files within the limits, and names an image that is too large after encoding', () => {
  expect(getRefusal([])).toBeNull();
  expect(getRefusal([file('a.png', 'image/png', 3.75 * MB), file('a.pdf', 'application/pdf', 10 * MB)])).toBeNull();
  const tooLarge = file('b.webp', 'image/webp', 3.75 * MB + 1);
  expect(getRefusal([tooLarge])).toEqual(['ATTACHMENT_TOO_LARGE', expect.stringContaining('b.webp')]);
  expect(getRefusal([tooLarge], { resizesImages: true })).toBeNull();
});

test('checkFiles refuses files that together exceed the request limit after encoding', () => {
  const pdf = (name: string) => file(name, 'application/pdf', 8 * MB);
  expect(getRefusal([pdf('a'), pdf('b')])).toBeNull();
  expect(getRefusal([pdf('a'), pdf('b'), pdf('c')])).toEqual([
    'ATTACHMENT_TOO_LARGE',
    expect.stringContaining('several messages'),
  ]);
  expect(getRefusal(['a', 'b', 'c'].map((name) => file(name, 'text/csv', 8 * MB)))).toBeNull();
});

test('checkFiles names a file that is not an image, PDF or text', () => {
  expect(getRefusal([file('a.txt', 'text/plain', 1), file('x.zip', 'application/zip', 1)])).toEqual([
    'ATTACHMENT_TYPE_REFUSED',
    expect.stringContaining('x.zip'),
  ]);
});
