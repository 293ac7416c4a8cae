import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { TaskAttachment, TaskRequest } from '@it0/contracts/bridge';
import { computeBackoffMs } from '@it0/node/backoff';
import { delay } from '@it0/node/delay';
import type { Logger } from 'pino';
import { type End, type TaskFile, toStoppedEnd } from './engines/engine.ts';

export type Attachments = ReturnType<typeof createAttachments>;
/** The files of a task, or the end of a task whose files could not be fetched: undefined when the bridge was closed. */
export type FetchResult = { files: TaskFile[] } | { end: End | undefined };

const DOWNLOAD_TIMEOUT_MS = 60_000;
const BACKOFF = { firstMs: 250, maxMs: 10_000 };
/** The number of corrupt downloads of a file after which its task fails. */
const MAX_CORRUPT_DOWNLOADS = 3;

/** An error whose message tells the user why a file could not be fetched. */
class AttachmentError extends Error {}

/** Creates the store of attachments. Files are fetched from the server, verified, and deleted when their task ends. */
export function createAttachments({ dir, log }: { dir: string; log: Logger }) {
  const root = join(dir, 'attachments');
  const closing = new AbortController();

  /** Fetches the files of a task. `current` returns its latest request, since another server may take over the task. */
  async function fetchAll(current: () => TaskRequest, signal: AbortSignal): Promise<FetchResult> {
    const { taskId, attachments } = current();
    const stop = AbortSignal.any([signal, closing.signal]);
    const folder = join(root, taskId);
    try {
      if (attachments.length > 0) await mkdir(folder, { recursive: true, mode: 0o700 });
      const files: TaskFile[] = [];
      for (const { id, name, mediaType, size } of attachments) {
        const path = join(folder, id);
        if (!existsSync(path)) await downloadWithRetry(path, () => findSource(current(), id), stop);
        files.push({ id, name, mediaType, size, path });
      }
      return { files };
    } catch (error) {
      if (closing.signal.aborted) return { end: undefined };
      if (signal.aborted) return { end: toStoppedEnd(signal, '') };
      if (!(error instanceof AttachmentError)) throw error;
      const end = { type: 'error', status: 'FAILED', reason: 'ATTACHMENT_NOT_FOUND', text: '' } as const;
      return { end: { ...end, detail: error.message } };
    }
  }

  /** Downloads a file. While the server is unavailable it retries until the task is stopped. */
  async function downloadWithRetry(path: string, getSource: () => Source, stop: AbortSignal) {
    let corrupt = 0;
    for (let attempt = 1; ; attempt++) {
      const outcome = await download(path, getSource(), stop);
      if (outcome === 'complete') return;
      corrupt += outcome === 'corrupt' ? 1 : 0;
      if (corrupt === MAX_CORRUPT_DOWNLOADS)
        throw new AttachmentError(`${getSource().file.name} was corrupted on the way. Attach it again.`);
      log.warn({ attachmentId: getSource().file.id, outcome, attempt }, 'an attachment could not be fetched; retrying');
      await delay(computeBackoffMs(attempt, BACKOFF), stop);
      stop.throwIfAborted();
    }
  }

  return {
    fetchAll,
    /** Deletes the files of a task that has ended. */
    forget: (taskId: string) => rm(join(root, taskId), { recursive: true, force: true }),
    /** Deletes the files of all other tasks, which remain when a bridge was killed. */
    async keepOnly(taskIds: string[]) {
      const stored = await readdir(root).catch(() => []);
      for (const taskId of stored) if (!taskIds.includes(taskId)) await this.forget(taskId);
    },
    [Symbol.dispose]: () => closing.abort(),
  };
}

/** A file to download, and the token that authorizes it. */
type Source = { file: TaskAttachment; token: string };

const findSource = ({ attachments, callbackToken }: TaskRequest, id: string): Source => ({
  file: attachments.find((attachment) => attachment.id === id)!,
  token: callbackToken,
});

/** Downloads a file. It gets its final name only after its size and digest are verified. */
async function download(path: string, { file, token }: Source, stop: AbortSignal) {
  const unfinished = `${path}.part`;
  const verifier = createVerifier(file);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(DOWNLOAD_TIMEOUT_MS)]);
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(file.url, { headers, redirect: 'error', signal });
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      throw new AttachmentError(`${file.name} is no longer available. Attach it again.`);
    }
    if (!response.ok || !response.body) return 'unavailable';
    await pipeline(response.body, verifier.stream, createWriteStream(unfinished, { mode: 0o600, flush: true }), {
      signal,
    });
    if (!verifier.isIntact()) return 'corrupt';
    await rename(unfinished, path);
    return 'complete';
  } catch (error) {
    if (stop.aborted || error instanceof AttachmentError) throw error;
    return verifier.isTooLong() ? 'corrupt' : 'unavailable';
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** Creates a stream that computes the size and digest of the data that passes through. */
function createVerifier({ size, sha256 }: TaskAttachment) {
  const hash = createHash('sha256');
  let length = 0;
  return {
    stream: new Transform({
      transform(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        hash.update(chunk);
        done(length > size ? new Error('The file is larger than declared.') : null, chunk);
      },
    }),
    isTooLong: () => length > size,
    isIntact: () => length === size && hash.digest('hex') === sha256,
  };
}
