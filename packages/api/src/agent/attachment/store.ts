import type { Readable } from 'node:stream';

/** Keeps the content of attachments, each under a key of its own. */
export type AttachmentStore = {
  /** Takes a file over: when this resolves it is kept, and gone from where it was. */
  put(key: string, file: string): Promise<void>;
  /** Null when there is none. */
  open(key: string): Promise<Readable | null>;
  /** One that is not there is no failure. */
  remove(key: string): Promise<void>;
};

export const attachmentKey = (tenantId: string, id: string) => `${tenantId}/${id}`;
