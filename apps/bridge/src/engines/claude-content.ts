import { readFile } from 'node:fs/promises';
import type { ContentBlockParam, DocumentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { isPdf, isText } from '@it0/contracts/attachment';
import { isImage } from '@it0/contracts/attachment-path';
import type { TaskRequest } from '@it0/contracts/bridge';
import type { End, TaskFile } from './engine.ts';

/** Anthropic's limits of one image and of a request, after encoding. */
const MAX_IMAGE_BYTES = 5 * 1024 * 1024;
const MAX_REQUEST_BYTES = 32 * 1024 * 1024;
/** The part of a request that is reserved for tools and their results. */
const RESERVED_BYTES = 4 * 1024 * 1024;

/**
 * Checks a task's files against Anthropic's limits before anything is sent. Returns the end of the task if they would be
 * refused. `resizesImages` is set if the engine scales images down by itself.
 */
export function checkFiles(task: TaskRequest, files: TaskFile[], { resizesImages = false } = {}): End | undefined {
  const unsupported = files.find(({ mediaType }) => !isImage(mediaType) && !isPdf(mediaType) && !isText(mediaType));
  if (unsupported)
    return createRefusal(
      'ATTACHMENT_TYPE_REFUSED',
      `The model cannot read ${unsupported.name}. Send it in another format.`,
    );
  const tooLarge = resizesImages
    ? undefined
    : files.find((file) => isImage(file.mediaType) && encodedSize(file) > MAX_IMAGE_BYTES);
  if (tooLarge) {
    return createRefusal('ATTACHMENT_TOO_LARGE', `${tooLarge.name} is too large for the model. Send a smaller image.`);
  }
  const { message, history, instructions } = task;
  const conversationBytes = Buffer.byteLength(JSON.stringify([message, history, instructions]));
  const totalBytes = files.reduce((bytes, file) => bytes + encodedSize(file), conversationBytes + RESERVED_BYTES);
  if (files.length === 0 || totalBytes <= MAX_REQUEST_BYTES) return undefined;
  return createRefusal(
    'ATTACHMENT_TOO_LARGE',
    'Together, the files are too large for the model. Send them in several messages.',
  );
}

const encodedSize = ({ mediaType, size }: TaskFile) => (isText(mediaType) ? size : Math.ceil(size / 3) * 4);

const createRefusal = (reason: 'ATTACHMENT_TOO_LARGE' | 'ATTACHMENT_TYPE_REFUSED', detail: string): End => ({
  ...{ type: 'error', status: 'FAILED' },
  ...{ reason, detail, text: '' },
});

/** Builds the content of a user message: its files, then its text. */
export async function buildContent(message: string, files: TaskFile[]): Promise<string | ContentBlockParam[]> {
  if (files.length === 0) return message;
  const blocks = await Promise.all(files.map(toBlocks));
  return [...blocks.flat(), { type: 'text', text: message }];
}

async function toBlocks({ name, mediaType, path }: TaskFile): Promise<ContentBlockParam[]> {
  if (isImage(mediaType)) {
    const data = await readFile(path, 'base64');
    return [
      // An image block has no title.
      { type: 'text', text: `${name}:` },
      { type: 'image', source: { type: 'base64', media_type: mediaType, data } },
    ];
  }
  if (isPdf(mediaType)) {
    return [createDocument(name, { type: 'base64', media_type: mediaType, data: await readFile(path, 'base64') })];
  }
  const data = await readFile(path, 'utf8');
  // Anthropic refuses an empty document.
  if (!data.trim()) return [{ type: 'text', text: `${name} is an empty file.` }];
  return [createDocument(name, { type: 'text', media_type: 'text/plain', data })];
}

const createDocument = (title: string, source: DocumentBlockParam['source']): DocumentBlockParam => ({
  ...{ type: 'document', title, source },
});
