import { expect, test } from 'vitest';
import { findPictureKind, isFinalFailure } from './refused-file.ts';
import { toUploadFailure } from './upload-failure.ts';

test.each([
  [413, null, 'ATTACHMENT_TOO_LARGE'],
  [413, { error: 'too large' }, 'ATTACHMENT_TOO_LARGE'],
  [502, null, null],
  [504, null, null],
  [200, null, 'NOT_SIGNED_IN'],
  [401, { error: 'login' }, 'NOT_SIGNED_IN'],
  [507, null, 'STORAGE_FULL'],
  [415, { reason: 'ATTACHMENT_TYPE_REFUSED', message: 'No.' }, 'ATTACHMENT_TYPE_REFUSED'],
  [500, { reason: 'INTERNAL', message: 'An error.' }, 'INTERNAL'],
])('toUploadFailure reads the response %d of a server or a proxy', (status, body, reason) => {
  expect(toUploadFailure(status, body)).toBe(reason);
});

test('isFinalFailure offers a retry only where it can help', () => {
  expect([isFinalFailure(null), isFinalFailure('STORAGE_FULL'), isFinalFailure('INTERNAL')]).toEqual(
    Array(3).fill(false),
  );
  expect([isFinalFailure('NOT_SIGNED_IN'), isFinalFailure('ATTACHMENT_TOO_LARGE')]).toEqual([true, true]);
});

test('findPictureKind names the pictures that have to be converted', () => {
  expect(['IMG_1.HEIC', 'a.tif', 'a.avif', 'a.png', 'bmp'].map(findPictureKind)).toEqual([
    'HEIC',
    'TIFF',
    'AVIF',
    null,
    null,
  ]);
});
