import type { Readable } from 'node:stream';

/** Storage for the content of attachments, each under its own key. */
export type AttachmentStore = {
  /** Moves a file into the store. When this resolves, the content is durable and the file is gone. */
  put(key: string, file: string): Promise<void>;
  /** Opens the content. Returns null when there is none. */
  open(key: string): Promise<Readable | null>;
  /** Removes the content. Succeeds also when there is none. */
  remove(key: string): Promise<void>;
};

/** Returns the storage key of an attachment. */
export const attachmentKey = (tenantId: string, id: string) => `${tenantId}/${id}`;
