import { readFile } from 'node:fs/promises';
import { isImage } from '@it0/contracts/attachment';
import { z } from 'zod';
import type { End, TaskFile } from '../engine.ts';

/** What a gateway takes at most, in bytes, as it tells when it is connected to; 2026.9 took this. */
export const GatewayPolicy = z.object({
  maxPayload: z.number().catch(26_214_400),
  attachments: z
    .object({ maxBytes: z.number(), maxImageBytes: z.number() })
    .catch({ maxBytes: 19_464_192, maxImageBytes: 6_291_456 }),
});
export type GatewayPolicy = z.infer<typeof GatewayPolicy>;

/** What a frame has beside the message and its files. */
const frameBytes = 64 * 1024;

/** How a task ends whose files the gateway would not take; undefined when it takes them. Asked before anything is sent. */
export function checkFiles(message: string, files: TaskFile[], policy: GatewayPolicy): End | undefined {
  const { maxBytes, maxImageBytes } = policy.attachments;
  const large = files.find(({ mediaType, size }) => size > (isImage(mediaType) ? maxImageBytes : maxBytes));
  if (large) return tooLarge(`OpenClaw does not take a file as large as ${large.name}. Send a smaller one.`);
  const encoded = files.reduce((sum, { size }) => sum + Math.ceil(size / 3) * 4, 0);
  if (encoded + Buffer.byteLength(JSON.stringify(message)) + frameBytes <= policy.maxPayload) return undefined;
  return tooLarge('OpenClaw does not take so much at once. Send the files with several messages.');
}

const tooLarge = (detail: string): End => ({
  ...{ type: 'error', status: 'FAILED', reason: 'ATTACHMENT_TOO_LARGE' },
  ...{ detail, text: '' },
});

/** The files as `chat.send` takes them. */
export const toGatewayAttachments = (files: TaskFile[]) =>
  Promise.all(
    files.map(async ({ name: fileName, mediaType: mimeType, path }) => {
      const type = isImage(mimeType) ? 'image' : 'file';
      return { type, mimeType, fileName, content: await readFile(path, 'base64') };
    }),
  );
