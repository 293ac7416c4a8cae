import { createHash } from 'node:crypto';
import { createWriteStream, existsSync } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as after } from 'node:timers/promises';
import type { TaskAttachment, TaskRequest } from '@it0/contracts/bridge';
import type { Logger } from 'pino';
import { type End, type TaskFile, toStoppedEnd } from './engines/engine.ts';

export type Attachments = ReturnType<typeof createAttachments>;
/** What comes with a task; or how the task ends that could not get it: undefined when the bridge is closed first. */
export type FetchResult = { files: TaskFile[] } | { end: End | undefined };

const withinMs = 60_000;
const retry = { firstMs: 250, mostMs: 10_000 };
/** How often a file may arrive as another one. */
const patience = 3;

class Unavailable extends Error {}

/** The files of tasks: fetched from the server, checked, and on disk for as long as their task is not over. */
export function createAttachments({ dir, log }: { dir: string; log: Logger }) {
  const root = join(dir, 'attachments');
  const closing = new AbortController();

  /** `current` tells the task as it is by now: another server may have taken it over. */
  async function fetchAll(current: () => TaskRequest, signal: AbortSignal): Promise<FetchResult> {
    const { taskId, attachments } = current();
    const stop = AbortSignal.any([signal, closing.signal]);
    const folder = join(root, taskId);
    try {
      if (attachments.length > 0) await mkdir(folder, { recursive: true, mode: 0o700 });
      const files: TaskFile[] = [];
      for (const { id, name, mediaType, size } of attachments) {
        const path = join(folder, id);
        if (!existsSync(path)) await downloadWithRetry(path, () => wanted(current(), id), stop);
        files.push({ id, name, mediaType, size, path });
      }
      return { files };
    } catch (error) {
      if (closing.signal.aborted) return { end: undefined };
      if (signal.aborted) return { end: toStoppedEnd(signal, '') };
      if (!(error instanceof Unavailable)) throw error;
      const end = { type: 'error', status: 'FAILED', reason: 'ATTACHMENT_NOT_FOUND', text: '' } as const;
      return { end: { ...end, detail: error.message } };
    }
  }

  /** A server that is away comes back: it is asked until the task's time is over. */
  async function downloadWithRetry(path: string, wants: () => Wanted, stop: AbortSignal) {
    let damaged = 0;
    for (let attempt = 0; ; attempt++) {
      const outcome = await download(path, wants(), stop);
      if (outcome === 'here') return;
      damaged += outcome === 'damaged' ? 1 : 0;
      if (damaged === patience) throw new Unavailable(`${wants().file.name} does not arrive as it was sent.`);
      log.warn({ attachmentId: wants().file.id, outcome, attempt }, 'an attachment was not fetched; trying again');
      await after(Math.min(retry.mostMs, retry.firstMs * 2 ** attempt), undefined, { signal: stop });
    }
  }

  return {
    fetchAll,
    /** A task is over. */
    forget: (taskId: string) => rm(join(root, taskId), { recursive: true, force: true }),
    /** Removes what a bridge that was killed has left of tasks that are over. */
    async keepOnly(taskIds: string[]) {
      const found = await readdir(root).catch(() => []);
      for (const taskId of found) if (!taskIds.includes(taskId)) await this.forget(taskId);
    },
    close: () => closing.abort(),
  };
}

type Wanted = { file: TaskAttachment; token: string };

const wanted = ({ attachments, callbackToken }: TaskRequest, id: string): Wanted => ({
  file: attachments.find((attachment) => attachment.id === id)!,
  token: callbackToken,
});

/** The file has its name only once it is the one that was sent. */
async function download(path: string, { file, token }: Wanted, stop: AbortSignal) {
  const unfinished = `${path}.part`;
  const check = checking(file);
  const signal = AbortSignal.any([stop, AbortSignal.timeout(withinMs)]);
  try {
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(file.url, { headers, redirect: 'error', signal });
    if (response.status >= 400 && response.status < 500 && response.status !== 429) {
      throw new Unavailable(`${file.name} is no longer there.`);
    }
    if (!response.ok || !response.body) return 'away';
    await pipeline(response.body, check.stream, createWriteStream(unfinished, { mode: 0o600, flush: true }), {
      signal,
    });
    if (!check.isRight()) return 'damaged';
    await rename(unfinished, path);
    return 'here';
  } catch (error) {
    if (stop.aborted || error instanceof Unavailable) throw error;
    return check.isLonger() ? 'damaged' : 'away';
  } finally {
    await rm(unfinished, { force: true });
  }
}

function checking({ size, sha256 }: TaskAttachment) {
  const hash = createHash('sha256');
  let length = 0;
  return {
    stream: new Transform({
      transform(chunk: Buffer, _encoding, done) {
        length += chunk.length;
        hash.update(chunk);
        done(length > size ? new Error('more than was sent') : null, chunk);
      },
    }),
    isLonger: () => length > size,
    isRight: () => length === size && hash.digest('hex') === sha256,
  };
}
