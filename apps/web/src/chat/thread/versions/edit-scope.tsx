import type { Turn } from '@it0/client/reduce-chat';
import type { Attachment } from '@it0/contracts/attachment';
import { createContext, type ReactNode, type RefObject, useContext, useMemo, useRef, useState } from 'react';

/** A file of an edited message: one that was sent with it, or a new one, which is uploaded with the message. */
export type EditedFile = { key: string; name: string; size: number; source: Attachment | File };

/** A message that is being edited, to be sent as another version. */
export type Edit = { taskId: string; text: string; files: EditedFile[] };

type EditState = {
  edit: Edit | null;
  /** Edits a message, or with null ends it. */
  setEdit(edit: Edit | null): void;
  /** The version that was requested by a button, until its row is there and has the focus. */
  requested: RefObject<{ taskId: string; step: 1 | -1 } | null>;
};

const Context = createContext<EditState | null>(null);

/** Keeps the edited message of a conversation, also while its row is scrolled out of the view. */
export function EditScope({ children }: { children: ReactNode }) {
  const [edit, setEdit] = useState<Edit | null>(null);
  const requested = useRef<EditState['requested']['current']>(null);
  const value = useMemo(() => ({ edit, setEdit, requested }), [edit]);
  return <Context value={value}>{children}</Context>;
}

export function useEdit(): EditState {
  const state = useContext(Context);
  if (!state) throw new Error('useEdit needs an EditScope');
  return state;
}

/** Returns the content of a message to be edited. */
export const toEdit = (taskId: string, { text, attachments }: NonNullable<Turn['message']>): Edit => ({
  ...{ taskId, text },
  files: attachments.map((source) => ({ key: source.id, name: source.name, size: source.size, source })),
});
