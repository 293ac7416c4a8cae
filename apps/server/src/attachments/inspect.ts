import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '@it0/api/errors';
import { BINARY_TYPES, findTextType } from '@it0/contracts/attachment';
import { limits } from '@it0/contracts/limits';
import { fileTypeFromBuffer } from 'file-type';

/** Number of leading bytes that identify a file type. */
const HEAD_BYTES = 4_100;

/**
 * Creates a pass-through stream that determines the size, hash and type of a file. The stream fails with
 * ATTACHMENT_TOO_LARGE.
 */
export function createInspector() {
  const hash = createHash('sha256');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let head = Buffer.alloc(0);
  let size = 0;
  let isText = true;

  const decode = (chunk?: Buffer) => {
    try {
      decoder.decode(chunk, { stream: chunk !== undefined });
      return !chunk?.includes(0);
    } catch {
      return false;
    }
  };
  const stream = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limits.attachmentBytes) return done(tooLargeError());
      hash.update(chunk);
      if (head.length < HEAD_BYTES) head = Buffer.concat([head, chunk]).subarray(0, HEAD_BYTES);
      isText &&= decode(chunk);
      done(null, chunk);
    },
  });
  return {
    stream,
    /** Returns the result once the stream has ended. Throws ATTACHMENT_TYPE_REFUSED. */
    async result(name: string) {
      const detected = await fileTypeFromBuffer(head);
      const binary = detected && BINARY_TYPES.includes(detected.mime) ? detected.mime : undefined;
      const mediaType = binary ?? (isText && decode() ? findTextType(name) : undefined);
      if (!mediaType) throw unsupportedTypeError();
      return { mediaType, size, sha256: hash.digest('hex') };
    },
  };
}

export const tooLargeError = () =>
  new AppError('ATTACHMENT_TOO_LARGE', `A file must not be larger than ${limits.attachmentBytes} bytes.`);

const unsupportedTypeError = () =>
  new AppError('ATTACHMENT_TYPE_REFUSED', 'Send an image (PNG, JPEG, GIF, WebP), a PDF or a UTF-8 text file.');
