import type { Attachment } from '@it0/contracts/attachment';
import { limits } from '@it0/contracts/limits';
import type { Reason } from '@it0/contracts/reasons';
import { v7 as uuid } from 'uuid';
import { getReason, LocalError } from './errors.ts';

/** A file as the platform has it: a browser's `File`, or what a phone picked. */
export type LocalFile = Blob & { name: string };

/** Uploads one file, told how far it is from 0 to 1. Rejects with the request's error: `reasonOf` tells why. */
export type Upload = (
  file: LocalFile,
  options: { onProgress(share: number): void; signal: AbortSignal },
) => Promise<Attachment>;

/** A file of a message that is being written. */
export type DraftFile = {
  key: string;
  name: string;
  /** In bytes. */
  size: number;
  /** How much of it has been uploaded, from 0 to 1. */
  progress: number;
  state: 'uploading' | 'ready' | 'failed';
  /** Why it failed; null when the server could not be reached. */
  reason: Reason | null;
  /** As the server has it, once it is ready. */
  attachment: Attachment | null;
};

/**
 * The files of drafts, each uploaded as soon as it is there: a list for every session, null naming the one that begins
 * with its first message. `onChange` hears of whatever changes in any.
 */
export function createDraftFiles(upload: Upload, onChange: () => void) {
  const lists = new Map<string | null, DraftFile[]>();
  const uploads = new Map<string, { file: LocalFile; stop: AbortController }>();
  const none: DraftFile[] = [];
  const of = (sessionId: string | null) => lists.get(sessionId) ?? none;

  const write = (sessionId: string | null, files: DraftFile[]) => {
    if (files.length > 0) lists.set(sessionId, files);
    else lists.delete(sessionId);
    onChange();
  };
  /** Wherever the file is by now: its session may have got its id meanwhile. */
  const change = (key: string, to: Partial<DraftFile>) => {
    for (const [sessionId, files] of lists) {
      if (!files.some((file) => file.key === key)) continue;
      write(
        sessionId,
        files.map((file) => (file.key === key ? { ...file, ...to } : file)),
      );
    }
  };

  const start = async (key: string) => {
    const { file, stop } = uploads.get(key)!;
    try {
      if (file.size > limits.attachmentBytes) throw new LocalError('ATTACHMENT_TOO_LARGE');
      const onProgress = (progress: number) => change(key, { progress });
      const attachment = await upload(file, { onProgress, signal: stop.signal });
      uploads.delete(key);
      change(key, { state: 'ready', progress: 1, attachment });
    } catch (error) {
      if (!stop.signal.aborted) change(key, { state: 'failed', reason: getReason(error) });
    }
  };

  return {
    of,
    add(sessionId: string | null, files: LocalFile[]) {
      const added = files.map((file) => {
        const key = uuid();
        uploads.set(key, { file, stop: new AbortController() });
        const { name, size } = file;
        return { key, name, size, progress: 0, state: 'uploading', reason: null, attachment: null } satisfies DraftFile;
      });
      write(sessionId, [...of(sessionId), ...added]);
      for (const { key } of added) void start(key);
    },
    retry(key: string) {
      change(key, { state: 'uploading', progress: 0, reason: null });
      if (uploads.has(key)) void start(key);
    },
    remove(sessionId: string | null, key: string) {
      uploads.get(key)?.stop.abort();
      uploads.delete(key);
      write(
        sessionId,
        of(sessionId).filter((file) => file.key !== key),
      );
    },
    /** Those that are ready, for a message: they are the draft's no more. */
    take(sessionId: string | null): Attachment[] {
      const files = of(sessionId);
      write(
        sessionId,
        files.filter(({ state }) => state !== 'ready'),
      );
      return files.flatMap(({ attachment }) => attachment ?? []);
    },
    /** Those of a message that was not sent, back in front of what the draft has. */
    putBack(sessionId: string | null, attachments: Attachment[]) {
      const ready = attachments.map((attachment) => {
        const { name, size } = attachment;
        return { key: uuid(), name, size, progress: 1, state: 'ready', reason: null, attachment } satisfies DraftFile;
      });
      write(sessionId, [...ready, ...of(sessionId)]);
    },
    /** The session has got its id. */
    move(sessionId: string) {
      const files = of(null);
      lists.delete(null);
      write(sessionId, [...of(sessionId), ...files]);
    },
  };
}

/** Whether they can be sent as they are: all there, and no more than one message takes. */
export const areSendable = (files: DraftFile[]) => files.every(({ state }) => state === 'ready') && !areTooMany(files);

export const areTooMany = (files: DraftFile[]) =>
  files.length > limits.attachments || files.reduce((sum, { size }) => sum + size, 0) > limits.attachmentsBytes;
