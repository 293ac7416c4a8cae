import { readFile } from 'node:fs/promises';
import type { ContentBlockParam, DocumentBlockParam } from '@anthropic-ai/sdk/resources/messages';
import { isImage, isPdf, isText } from '@it0/contracts/attachment';
import type { TaskRequest } from '@it0/contracts/bridge';
import type { End, TaskFile } from './engine.ts';

/** What Anthropic takes at most, in bytes as they are sent: of one image, and of a request. */
const most = { image: 5 * 1024 * 1024, request: 32 * 1024 * 1024 };
/** What a request has beside its conversation: the tools, and what they answer. */
const besides = 4 * 1024 * 1024;

/**
 * How a task ends whose files Anthropic would not take; undefined when it takes them, as far as that can be known before
 * anything is sent. `shrinks`: images are made smaller on the way.
 */
export function findRefusal(task: TaskRequest, files: TaskFile[], { shrinks = false } = {}): End | undefined {
  const unknown = files.find(({ mediaType }) => !isImage(mediaType) && !isPdf(mediaType) && !isText(mediaType));
  if (unknown)
    return refused('ATTACHMENT_TYPE_REFUSED', `The model cannot read ${unknown.name}. Send it in another form.`);
  const large = shrinks ? undefined : files.find((file) => isImage(file.mediaType) && sentSize(file) > most.image);
  if (large) {
    return refused(
      'ATTACHMENT_TOO_LARGE',
      `The model does not take an image as large as ${large.name}. Send a smaller one.`,
    );
  }
  const { message, history, instructions } = task;
  const said = Buffer.byteLength(JSON.stringify([message, history, instructions]));
  const sum = files.reduce((bytes, file) => bytes + sentSize(file), said + besides);
  if (files.length === 0 || sum <= most.request) return undefined;
  return refused(
    'ATTACHMENT_TOO_LARGE',
    'The model does not take so much at once. Send the files with several messages.',
  );
}

const sentSize = ({ mediaType, size }: TaskFile) => (isText(mediaType) ? size : Math.ceil(size / 3) * 4);

const refused = (reason: 'ATTACHMENT_TOO_LARGE' | 'ATTACHMENT_TYPE_REFUSED', detail: string): End => ({
  ...{ type: 'error', status: 'FAILED' },
  ...{ reason, detail, text: '' },
});

/** A message as Anthropic takes it, behind the files that came with it. */
export async function buildContent(message: string, files: TaskFile[]): Promise<string | ContentBlockParam[]> {
  if (files.length === 0) return message;
  const blocks = await Promise.all(files.map(blocksOf));
  return [...blocks.flat(), { type: 'text', text: message }];
}

async function blocksOf({ name, mediaType, path }: TaskFile): Promise<ContentBlockParam[]> {
  if (isImage(mediaType)) {
    const data = await readFile(path, 'base64');
    return [
      // It cannot tell its name itself.
      { type: 'text', text: `${name}:` },
      { type: 'image', source: { type: 'base64', media_type: mediaType, data } },
    ];
  }
  if (isPdf(mediaType)) {
    return [document(name, { type: 'base64', media_type: mediaType, data: await readFile(path, 'base64') })];
  }
  const data = await readFile(path, 'utf8');
  // An empty document would be refused.
  if (!data.trim()) return [{ type: 'text', text: `${name} is an empty file.` }];
  return [document(name, { type: 'text', media_type: 'text/plain', data })];
}

const document = (title: string, source: DocumentBlockParam['source']): DocumentBlockParam => ({
  ...{ type: 'document', title, source },
});
