import type { Attachment } from '@it0/contracts/attachment';
import { limits } from '@it0/contracts/limits';
import type { Reason } from '@it0/contracts/reasons';
import { v7 as uuid } from 'uuid';
import { getReason, LocalError } from '../errors.ts';

/** A file on this device: a browser's `File`, or a file picked on a phone. */
export type LocalFile = Blob & { name: string };

/**
 * Uploads one file and reports its progress from 0 to 1. Rejects with the request's error; `getReason` returns its
 * reason.
 */
export type Upload = (
  file: LocalFile,
  options: { onProgress(progress: number): void; signal: AbortSignal },
) => Promise<Attachment>;

/** A file of the message that is being written. */
export type DraftFile = {
  key: string;
  name: string;
  /** In bytes. */
  size: number;
  /** Uploaded part, from 0 to 1. */
  progress: number;
  state: 'uploading' | 'ready' | 'failed';
  /** Reason of a failed upload; null for a network error. */
  reason: Reason | null;
  /** The attachment on the server, once the file is ready. */
  attachment: Attachment | null;
};

/**
 * Creates the file lists of drafts, one for each session id; null for the new session. Files are uploaded when
 * they are added. `onChange` is called after every change of a list.
 */
export function createDraftFiles(upload: Upload, onChange: (sessionId: string | null) => void) {
  const lists = new Map<string | null, DraftFile[]>();
  const uploads = new Map<string, { file: LocalFile; abort: AbortController }>();
  const empty: DraftFile[] = [];
  const list = (sessionId: string | null) => lists.get(sessionId) ?? empty;

  const write = (sessionId: string | null, files: DraftFile[]) => {
    if (files.length > 0) lists.set(sessionId, files);
    else lists.delete(sessionId);
    onChange(sessionId);
  };
  /** Updates a file in whichever list it is: its session may have got an id in the meantime. */
  const update = (key: string, change: Partial<DraftFile>) => {
    for (const [sessionId, files] of lists) {
      if (!files.some((file) => file.key === key)) continue;
      write(
        sessionId,
        files.map((file) => (file.key === key ? { ...file, ...change } : file)),
      );
    }
  };

  const start = async (key: string) => {
    const { file, abort } = uploads.get(key)!;
    try {
      if (file.size > limits.attachmentBytes) throw new LocalError('ATTACHMENT_TOO_LARGE');
      const onProgress = (progress: number) => update(key, { progress });
      const attachment = await upload(file, { onProgress, signal: abort.signal });
      uploads.delete(key);
      update(key, { state: 'ready', progress: 1, attachment });
    } catch (error) {
      if (!abort.signal.aborted) update(key, { state: 'failed', reason: getReason(error) });
    }
  };

  return {
    list,
    add(sessionId: string | null, files: LocalFile[]) {
      const added = files.map((file) => {
        const key = uuid();
        uploads.set(key, { file, abort: new AbortController() });
        const { name, size } = file;
        return { key, name, size, progress: 0, state: 'uploading', reason: null, attachment: null } satisfies DraftFile;
      });
      write(sessionId, [...list(sessionId), ...added]);
      for (const { key } of added) void start(key);
    },
    retry(key: string) {
      update(key, { state: 'uploading', progress: 0, reason: null });
      if (uploads.has(key)) void start(key);
    },
    remove(sessionId: string | null, key: string) {
      uploads.get(key)?.abort.abort();
      uploads.delete(key);
      write(
        sessionId,
        list(sessionId).filter((file) => file.key !== key),
      );
    },
    /** Removes the files that are ready, and returns their attachments. */
    takeReady(sessionId: string | null): Attachment[] {
      const files = list(sessionId);
      write(
        sessionId,
        files.filter(({ state }) => state !== 'ready'),
      );
      return listReady(files);
    },
    /** Inserts the attachments of an unsent message at the beginning of the list. */
    restore(sessionId: string | null, attachments: Attachment[]) {
      write(sessionId, [...attachments.map(toReadyFile), ...list(sessionId)]);
    },
    /** Replaces the files that are ready with those of a stored draft. Others remain. */
    setReady(sessionId: string | null, attachments: Attachment[]) {
      const files = list(sessionId);
      const ready = files.filter(({ state }) => state === 'ready');
      const isSame = ready.length === attachments.length && ready.every(isFileOf(attachments));
      if (isSame) return;
      const find = ({ id }: Attachment) => ready.find(({ attachment }) => attachment?.id === id);
      const rest = files.filter(({ state }) => state !== 'ready');
      write(sessionId, [...attachments.map((attachment) => find(attachment) ?? toReadyFile(attachment)), ...rest]);
    },
    /** Moves the files of the new session to its id. */
    assignSession(sessionId: string) {
      const files = list(null);
      lists.delete(null);
      write(sessionId, [...list(sessionId), ...files]);
    },
  };
}

/** Returns the attachments of the files that are ready. */
export const listReady = (files: DraftFile[]): Attachment[] => files.flatMap(({ attachment }) => attachment ?? []);

const toReadyFile = (attachment: Attachment): DraftFile => ({
  ...{ key: uuid(), name: attachment.name, size: attachment.size },
  ...{ progress: 1, state: 'ready', reason: null, attachment },
});

const isFileOf = (attachments: Attachment[]) => (file: DraftFile, index: number) =>
  file.attachment?.id === attachments[index]?.id;

/** Returns whether all files are uploaded and fit into one message. */
export const canSendFiles = (files: DraftFile[]) =>
  files.every(({ state }) => state === 'ready') && !exceedsFileLimits(files);

/** Returns whether the files exceed the number or total size that one message may have. */
export const exceedsFileLimits = (files: DraftFile[]) =>
  files.length > limits.attachments || files.reduce((sum, { size }) => sum + size, 0) > limits.attachmentsBytes;
