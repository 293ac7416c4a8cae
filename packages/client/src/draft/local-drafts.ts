import type { Attachment } from '@it0/contracts/attachment';

/** Text and uploaded files of a message that is being written. */
export type DraftContent = { text: string; attachments: Attachment[] };

/** A draft as this device has it. */
export type LocalDraft = DraftContent & {
  /** Revision of the server's draft that this one replaces; 0 for none. */
  revision: number;
  /** Whether the server has this text. */
  isSaved: boolean;
};

/** Storage of drafts on this device by session id; null for the new session. An empty draft is deleted. */
export type LocalDrafts = {
  read(sessionId: string | null): LocalDraft | null;
  write(sessionId: string | null, draft: LocalDraft | null): void;
};

/** Returns whether a draft has neither text nor files. */
export const isEmptyDraft = ({ text, attachments }: DraftContent) => text === '' && attachments.length === 0;

/** Returns whether two drafts have the same text and files. */
export const isSameDraft = (one: DraftContent, other: DraftContent) =>
  one.text === other.text &&
  one.attachments.length === other.attachments.length &&
  one.attachments.every(({ id }, index) => id === other.attachments[index]!.id);

/** Creates a storage in memory. */
export function createMemoryDrafts(): LocalDrafts {
  const drafts = new Map<string | null, LocalDraft>();
  return {
    read: (sessionId) => drafts.get(sessionId) ?? null,
    write: (sessionId, draft) => void (draft ? drafts.set(sessionId, draft) : drafts.delete(sessionId)),
  };
}
