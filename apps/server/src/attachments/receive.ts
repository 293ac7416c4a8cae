import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReceivedFile } from '@it0/api/agent/attachment/attachment';
import { AppError } from '@it0/api/errors';
import { cleanDisplayName } from '@it0/contracts/display-name';
import { isVisible } from '@it0/contracts/invisible';
import { limits } from '@it0/contracts/limits';
import { tail } from '@it0/contracts/text';
import busboy from 'busboy';
import { parseMediaType } from '../http/header-values.ts';
import { createInspector, tooLargeError, toTextType, unsupportedTypeError } from './inspect.ts';
import { detectEncoding, toUtf8 } from './text-encoding.ts';

/** Maximum size of a form without its file. */
const FORM_BYTES = 64 * 1024;
/** Maximum number of bytes of a refused upload that are read. */
const DRAIN_BYTES = 10 * limits.attachmentBytes;

/** Writes the only file of a multipart form into `dir`. Leaves no file there when it rejects. */
export async function receiveFile(request: IncomingMessage, dir: string): Promise<ReceivedFile> {
  if (Number(request.headers['content-length']) > limits.attachmentBytes + FORM_BYTES) {
    drain(request);
    throw tooLargeError();
  }
  await mkdir(dir, { recursive: true, mode: 0o700 });
  const path = join(dir, randomUUID());
  try {
    return await receive(request, path);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

/**
 * Discards the rest of a refused upload, since a client whose connection closes while it sends does not read the
 * response. Closes the connection after `maxBytes`.
 */
export function drain(request: Readable, maxBytes = DRAIN_BYTES) {
  let bytesLeft = maxBytes;
  request.on('data', (chunk: Buffer) => {
    bytesLeft -= chunk.length;
    if (bytesLeft < 0) request.destroy();
  });
  // A request that was unpiped is paused, and a listener alone does not resume it.
  request.resume();
}

function receive(request: IncomingMessage, path: string): Promise<ReceivedFile> {
  const parser = createParser(request);
  const { promise, resolve, reject } = Promise.withResolvers<ReceivedFile>();
  const stop = new AbortController();
  let upload: Promise<ReceivedFile> | undefined;

  /** Stops the upload. Waits until the file is closed, so that it can be removed. */
  const fail = async (error: unknown) => {
    if (stop.signal.aborted) return;
    stop.abort();
    request.unpipe(parser);
    drain(request);
    await upload?.catch(() => {});
    reject(error);
  };
  parser.on('file', (_field, stream, { filename }) => {
    upload = write(stream, path, toFileName(filename), stop.signal);
    upload.catch(fail);
  });
  for (const event of ['filesLimit', 'fieldsLimit', 'partsLimit'] as const) {
    parser.on(event, () => void fail(new AppError('INVALID_INPUT', 'Send exactly one file and no other fields.')));
  }
  parser.on('error', (error) => void fail(invalidUploadError(error)));
  parser.on('close', () => {
    void upload?.then(resolve, fail);
    if (upload === undefined) void fail(new AppError('INVALID_INPUT', 'Send one file as part of a form.'));
  });
  request.on('close', () => {
    if (!request.complete) void fail(invalidUploadError());
  });
  request.pipe(parser);
  return promise;
}

function createParser({ headers }: IncomingMessage) {
  try {
    if (parseMediaType(headers) !== 'multipart/form-data') throw new Error('not a multipart form');
    return busboy({ headers, defParamCharset: 'utf8', limits: { files: 1, fields: 0 } });
  } catch (error) {
    throw new AppError('INVALID_INPUT', 'Send one file as multipart/form-data.', { cause: error });
  }
}

async function write(stream: Readable, path: string, name: string, signal: AbortSignal): Promise<ReceivedFile> {
  const inspector = createInspector();
  await pipeline(stream, inspector.stream, createWriteStream(path, { flags: 'wx', mode: 0o600, flush: true }), {
    signal,
  });
  const { mediaType, ...content } = await inspector.result(name);
  if (mediaType) return { path, name, mediaType, ...content };
  return { path, name, mediaType: toTextType(name), ...(await convertToUtf8(path)) };
}

/** Converts a text file to UTF-8, which models and tools read. Throws ATTACHMENT_TYPE_REFUSED. */
async function convertToUtf8(path: string) {
  const content = await readFile(path);
  const encoding = detectEncoding(content);
  if (!encoding) throw unsupportedTypeError();
  const text = toUtf8(content, encoding);
  if (text.length > limits.attachmentBytes) throw tooLargeError();
  await writeFile(path, text, { flush: true });
  return { size: text.length, sha256: createHash('sha256').update(text).digest('hex') };
}

const invalidUploadError = (cause?: unknown) =>
  new AppError('INVALID_INPUT', 'The upload is incomplete or invalid.', { cause });

/**
 * Returns a safe file name without separators and invisible characters. Truncates at the start, to keep the extension.
 */
function toFileName(filename: string | undefined) {
  const name = cleanDisplayName((filename ?? '').replaceAll(/[/\\]/g, ''));
  const end = tail(name, limits.name).trim();
  return isVisible(end) ? end : 'file';
}
