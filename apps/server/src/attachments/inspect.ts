import { createHash } from 'node:crypto';
import { Transform } from 'node:stream';
import { AppError } from '@it0/api/errors';
import { binaryTypes, findTextType } from '@it0/contracts/attachment';
import { limits } from '@it0/contracts/limits';
import { fileTypeFromBuffer } from 'file-type';

/** As much of a file as its type is told by. */
const headBytes = 4_100;

/** Looks at a file as it passes: how long it is, its hash, and what it is. Ends the stream when it is too long. */
export function inspector() {
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
      if (size > limits.attachmentBytes) return done(tooLarge());
      hash.update(chunk);
      if (head.length < headBytes) head = Buffer.concat([head, chunk]).subarray(0, headBytes);
      isText &&= decode(chunk);
      done(null, chunk);
    },
  });
  return {
    stream,
    /** Once all of it has passed. Throws ATTACHMENT_TYPE_REFUSED for what is nothing we take. */
    async found(name: string) {
      const told = await fileTypeFromBuffer(head);
      const binary = told && binaryTypes.includes(told.mime) ? told.mime : undefined;
      const mediaType = binary ?? (isText && decode() ? findTextType(name) : undefined);
      if (!mediaType) throw typeRefused();
      return { mediaType, size, sha256: hash.digest('hex') };
    },
  };
}

export const tooLarge = () => new AppError('ATTACHMENT_TOO_LARGE', `A file may have ${limits.attachmentBytes} bytes.`);

const typeRefused = () =>
  new AppError('ATTACHMENT_TYPE_REFUSED', 'Send an image (PNG, JPEG, GIF, WebP), a PDF, or a text file in UTF-8.');
