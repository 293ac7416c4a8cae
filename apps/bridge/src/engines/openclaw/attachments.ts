import { readFile } from 'node:fs/promises';
import { isImage } from '@it0/contracts/attachment-path';
import { z } from 'zod';
import type { End, TaskFile } from '../engine.ts';

/** The limits in bytes that a gateway announces on connect. The defaults are those of version 2026.9. */
export const GatewayPolicy = z.object({
  maxPayload: z.number().catch(26_214_400),
  attachments: z
    .object({ maxBytes: z.number(), maxImageBytes: z.number() })
    .catch({ maxBytes: 19_464_192, maxImageBytes: 6_291_456 }),
});
export type GatewayPolicy = z.infer<typeof GatewayPolicy>;

/** The part of a frame that is reserved for everything besides the message and its files. */
const FRAME_OVERHEAD_BYTES = 64 * 1024;

/** Checks files against the gateway's limits before anything is sent. Returns the end of the task if they exceed one. */
export function checkFiles(message: string, files: TaskFile[], policy: GatewayPolicy): End | undefined {
  const { maxBytes, maxImageBytes } = policy.attachments;
  const oversized = files.find(({ mediaType, size }) => size > (isImage(mediaType) ? maxImageBytes : maxBytes));
  if (oversized) return createRefusal(`${oversized.name} is too large for OpenClaw. Send a smaller file.`);
  const encodedBytes = files.reduce((sum, { size }) => sum + Math.ceil(size / 3) * 4, 0);
  if (encodedBytes + Buffer.byteLength(JSON.stringify(message)) + FRAME_OVERHEAD_BYTES <= policy.maxPayload)
    return undefined;
  return createRefusal('Together, the files are too large for OpenClaw. Send them in several messages.');
}

const createRefusal = (detail: string): End => ({
  ...{ type: 'error', status: 'FAILED', reason: 'ATTACHMENT_TOO_LARGE' },
  ...{ detail, text: '' },
});

/** Converts files to the attachments of `chat.send`. */
export const toGatewayAttachments = (files: TaskFile[]) =>
  Promise.all(
    files.map(async ({ name: fileName, mediaType: mimeType, path }) => {
      const type = isImage(mimeType) ? 'image' : 'file';
      return { type, mimeType, fileName, content: await readFile(path, 'base64') };
    }),
  );
