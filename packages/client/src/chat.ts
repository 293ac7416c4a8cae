import type { Attachment } from '@it0/contracts/attachment';
import type { Message } from '@it0/contracts/message';
import type { Reason } from '@it0/contracts/reasons';
import type { Reply } from '@it0/contracts/reply';

/** A person's message and the agent's reply to it: one task. */
export type Turn = {
  /** Key for lists. It is the message's `requestId` if known, so that a row stays the same once the message is sent. */
  key: string;
  taskId: string;
  /** Null while the message is on an older page that is not loaded yet. Its `id` is null until its event arrives. */
  message: { id: string | null; text: string; createdAt: string; attachments: Attachment[] } | null;
  /** Reply built from events: of an open task, or of one that has ended since the session was opened. */
  reply: Reply | null;
  /** Reply of an ended task, read from the history. */
  storedReply: Message | null;
  /** Tasks of all versions of the message, oldest first; null if there is only this one. */
  versions: string[] | null;
};

/** A message that the server has not accepted yet. */
export type Outgoing = {
  requestId: string;
  text: string;
  createdAt: string;
  attachments: Attachment[];
  /** `offline`: the server cannot be reached. The message is sent when it is back. */
  state: 'waiting' | 'sending' | 'offline' | 'failed';
  /** Reason of the failure; null for a network error. */
  reason: Reason | null;
  /** Task of the message of which this is another version. */
  versionOf?: string;
  /** Revision of the draft that the message was, which the server deletes with it. It may have to be awaited. */
  draftRevision?: Promise<number | undefined> | number;
};

/** A session as the client knows it. */
export type Chat = {
  /** `seq` of the last durable event that was applied. */
  seq: number;
  /** Oldest first. */
  turns: Turn[];
  /** Unsent messages in sending order. */
  outgoing: Outgoing[];
  /** Cursor of the next older page; null if there is none. */
  olderCursor: string | null;
  /** True after a gap. No more events are applied; the session has to be loaded again. */
  stale: boolean;
  /** Branch that is shown, and whether it is the selected one of the session. */
  branch: number;
  isSelected: boolean;
  /** Replies of the open tasks of other branches. */
  otherReplies: Reply[];
};
