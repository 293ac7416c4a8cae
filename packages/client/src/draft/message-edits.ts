import type { Attachment } from '@it0/contracts/attachment';
import { createDraftFiles, type DraftFile, type LocalFile, listReady, type Upload } from './draft-files.ts';

/** A message of the session, sent or in the queue, whose text and files are being edited. */
export type MessageEdit = {
  taskId: string;
  text: string;
  files: DraftFile[];
  /** Whether it was begun by an earlier page. */
  isRestored: boolean;
};

/** A message that is being edited, as this device stores it, with the files that are uploaded. */
export type StoredEdit = { taskId: string; text: string; attachments: Attachment[] };

/** Storage of the edited messages on this device, at most one per session. */
export type LocalEdits = {
  read(sessionId: string): StoredEdit | null;
  write(sessionId: string, edit: StoredEdit | null): void;
};

/** Creates a storage in memory. */
export function createMemoryEdits(): LocalEdits {
  const edits = new Map<string, StoredEdit>();
  return {
    read: (sessionId) => edits.get(sessionId) ?? null,
    write: (sessionId, edit) => void (edit ? edits.set(sessionId, edit) : edits.delete(sessionId)),
  };
}

/** Connections of the edited messages of a chat. */
export type MessageEditsOptions = {
  storage: LocalEdits;
  upload: Upload;
  /** Returns the open session; null for a new one, which has no messages. */
  getSessionId(): string | null;
  /** Called after every change. */
  onChange(sessionId: string): void;
};

/**
 * Creates the edited messages of a chat: one per session, which is stored on this device until it ends. Files are
 * uploaded when they are added.
 */
export function createMessageEdits({ storage, upload, getSessionId, onChange }: MessageEditsOptions) {
  const edits = new Map<string, Pick<MessageEdit, 'taskId' | 'text' | 'isRestored'>>();
  const files = createDraftFiles(upload, (sessionId) => sessionId !== null && confirm(sessionId));

  const confirm = (sessionId: string) => {
    const edit = edits.get(sessionId);
    const { taskId, text } = edit ?? {};
    const attachments = listReady(files.list(sessionId));
    storage.write(sessionId, taskId !== undefined && text !== undefined ? { taskId, text, attachments } : null);
    onChange(sessionId);
  };
  const replace = (sessionId: string, edit: StoredEdit | null, isRestored = false) => {
    for (const { key } of files.list(sessionId)) files.remove(sessionId, key);
    if (edit) edits.set(sessionId, { taskId: edit.taskId, text: edit.text, isRestored });
    else edits.delete(sessionId);
    files.setReady(sessionId, edit?.attachments ?? []);
    confirm(sessionId);
  };
  const withSession = (change: (sessionId: string) => void) => {
    const sessionId = getSessionId();
    if (sessionId) change(sessionId);
  };

  return {
    /** Returns the edited message of a session, also of an earlier page. */
    read(sessionId: string | null): MessageEdit | null {
      if (!sessionId) return null;
      const stored = edits.has(sessionId) ? null : storage.read(sessionId);
      if (stored) replace(sessionId, stored, true);
      const edit = edits.get(sessionId);
      return edit ? { ...edit, files: files.list(sessionId) } : null;
    },
    /** Begins to edit a message of the open session. Ends the edit of another one. */
    start: (taskId: string, content: Pick<StoredEdit, 'text' | 'attachments'>) =>
      withSession((sessionId) => replace(sessionId, { taskId, ...content })),
    setText: (text: string) =>
      withSession((sessionId) => {
        const edit = edits.get(sessionId);
        if (edit) edits.set(sessionId, { ...edit, text });
        confirm(sessionId);
      }),
    attach: (added: LocalFile[]) => withSession((sessionId) => files.add(sessionId, added)),
    retry: (key: string) => files.retry(key),
    detach: (key: string) => withSession((sessionId) => files.remove(sessionId, key)),
    /** Ends the edit of a message, also while another session is open. */
    end(taskId: string) {
      for (const [sessionId, edit] of edits) if (edit.taskId === taskId) replace(sessionId, null);
    },
  };
}

/** The edited messages of a chat, made by `createMessageEdits`. */
export type MessageEdits = ReturnType<typeof createMessageEdits>;
