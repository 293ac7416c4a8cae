import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '@it0/api/errors';
import { BINARY_TYPES, findTextType } from '@it0/contracts/attachment';
import { isImage } from '@it0/contracts/attachment-path';
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
    /**
     * Returns the result once the stream has ended. UTF-8 is text whatever its name and its first letters. The
     * `mediaType` is null for a content that may be a text in another encoding. Throws ATTACHMENT_TYPE_REFUSED.
     */
    async result(name: string) {
      const detected = await fileTypeFromBuffer(head);
      const isUtf8 = isText && decode();
      const isBinary = detected && BINARY_TYPES.includes(detected.mime) && !(isUtf8 && isImage(detected.mime));
      if (detected && !isBinary && !isUtf8) throw unsupportedTypeError(detected.ext.toUpperCase());
      const mediaType = isBinary ? detected.mime : isUtf8 ? toTextType(name) : null;
      return { mediaType, size, sha256: hash.digest('hex') };
    },
  };
}

/** Returns the text type for a file name. */
export const toTextType = (name: string) => findTextType(name) ?? 'text/plain';

export const tooLargeError = () =>
  new AppError('ATTACHMENT_TOO_LARGE', `A file must not be larger than ${limits.attachmentBytes} bytes.`);

export const unsupportedTypeError = (kind = 'This type') =>
  new AppError(
    'ATTACHMENT_TYPE_REFUSED',
    `${kind} cannot be attached. Send an image (PNG, JPEG, GIF, WebP), a PDF or a text, best in UTF-8.`,
  );
