import { limits } from '@it0/contracts/limits';
import type { Draft, DraftInput, SavedDraft } from '../chat-source.ts';
import { getReason, isTransient } from '../errors.ts';
import { after, type Schedule } from '../schedule.ts';
import { type DraftContent, isEmptyDraft, isSameDraft, type LocalDraft, type LocalDrafts } from './local-drafts.ts';

/** Sends a draft to the server. */
export type SaveDraft = (draft: DraftInput) => Promise<SavedDraft>;

/**
 * The other one of two texts for the same message. `isReplaced`: the person has replaced it, and only this device has it.
 * Otherwise it is on the server, from another device.
 */
export type OtherDraft = DraftContent & { isReplaced: boolean };

/** Connections of the drafts of a chat. */
export type DraftSyncOptions = {
  storage: LocalDrafts;
  save: SaveDraft;
  /** Schedule of the save after an edit. Edits until then are saved together. */
  schedule?: Schedule;
  /** Schedule of the next save after a transient error. */
  retry(attempt: number): Schedule;
  /** Returns whether a text is the last message that the person has sent in a session. */
  isSent(sessionId: string | null, text: string): boolean;
  /** Called when the server, or the other device, has changed what is shown. */
  onChange(sessionId: string | null): void;
};

type Entry = LocalDraft & {
  sessionId: string | null;
  /** Whether the server's draft was received. Before that, nothing is saved. */
  isKnown: boolean;
  other: (OtherDraft & { revision: number }) | null;
  /** Its text was handed to the queue of messages, so the server's copy with this revision is not shown again. */
  isTaken: boolean;
  saving: Promise<void> | null;
  /** What was sent to the server last. Its response may be lost. */
  sent: DraftContent | null;
  /** A newer draft of the server, received while a save was under way. */
  received: Draft | null;
  attempt: number;
  cancel: (() => void) | null;
};

const EMPTY = { text: '', attachments: [] } satisfies DraftContent;
const SAVE_DELAY_MS = 800;

export type DraftSync = ReturnType<typeof createDraftSync>;

/**
 * Creates the drafts of a chat: one per session, and one for the new session (null). Each is stored on this device at
 * once, and on the server after a moment. A text that another device has saved replaces the one here, unless this one
 * has changes that the server does not have: then both remain, and the person chooses.
 */
export function createDraftSync({ storage, save, retry, isSent, onChange, ...options }: DraftSyncOptions) {
  const { schedule = after(SAVE_DELAY_MS) } = options;
  const entries = new Map<string | null, Entry>();

  const open = (sessionId: string | null): Entry => {
    const entry: Entry = entries.get(sessionId) ?? {
      ...(storage.read(sessionId) ?? { ...EMPTY, revision: 0, isSaved: true }),
      ...{
        sessionId,
        isKnown: false,
        other: null,
        isTaken: false,
        saving: null,
        sent: null,
        received: null,
        attempt: 0,
        cancel: null,
      },
    };
    entries.set(sessionId, entry);
    return entry;
  };

  const store = ({ sessionId, text, attachments, revision, isSaved }: Entry) =>
    storage.write(sessionId, isEmptyDraft({ text, attachments }) ? null : { text, attachments, revision, isSaved });

  /** Replaces what is shown, and stores it. */
  const replace = (entry: Entry, { text, attachments }: DraftContent) => {
    Object.assign(entry, { text, attachments });
    store(entry);
    onChange(entry.sessionId);
  };

  const cancelSave = (entry: Entry) => {
    entry.cancel?.();
    entry.cancel = null;
  };

  const scheduleSave = (entry: Entry, by = schedule) => {
    if (!canSave(entry) || entry.cancel || entry.saving !== null) return;
    entry.cancel = by(() => {
      entry.cancel = null;
      void saveNow(entry);
    });
  };

  const saveNow = (entry: Entry, send = save) => {
    cancelSave(entry);
    if (!canSave(entry)) return;
    const { text, attachments, revision, sessionId } = entry;
    entry.sent = { text, attachments };
    const work = async () => {
      let next: Schedule | null = schedule;
      try {
        const attachmentIds = attachments.slice(0, limits.draftAttachments).map(({ id }) => id);
        const saved = await send({ sessionId, text, attachmentIds, revision });
        entry.attempt = 0;
        if (saved.other) entry.received = saved.other;
        else confirmSave(entry, saved.revision);
      } catch (error) {
        // A refused draft is only stored on this device, until it is changed.
        next = isTransient(getReason(error)) ? retry(entry.attempt++) : null;
      } finally {
        entry.saving = null;
        const { received } = entry;
        entry.received = null;
        if (received) apply(entry, received);
        if (next) scheduleSave(entry, next);
      }
    };
    entry.saving = work();
    return entry.saving;
  };

  const confirmSave = (entry: Entry, revision: number) => {
    entry.revision = revision;
    // It was sent meanwhile: the message deletes it.
    if (entry.isTaken && entry.isSaved) return;
    Object.assign(entry, { isSaved: isSameDraft(entry, entry.sent!), isTaken: false });
    store(entry);
  };

  /** Applies what the server has. */
  const apply = (entry: Entry, draft: Draft) => {
    // A revision of 0 is a deleted row, and any text can be saved.
    if (draft.revision > 0 && draft.revision < entry.revision) return;
    if (draft.revision === entry.revision && (entry.isTaken || !entry.isSaved)) return;
    const isEmpty = isEmptyDraft(draft);
    // A save of this device whose response was lost.
    if (!isEmpty && !entry.isTaken && entry.sent && isSameDraft(entry.sent, draft)) {
      confirmSave(entry, draft.revision);
      return;
    }
    entry.isTaken = false;
    if (entry.isSaved || isSameDraft(entry, draft) || (!isEmpty && isEmptyDraft(entry))) {
      Object.assign(entry, { revision: draft.revision, isSaved: true });
      if (!isSameDraft(entry, draft)) replace(entry, draft);
    } else if (isEmpty) {
      // The message was sent or deleted by another device. What was written here since is still a draft.
      entry.revision = draft.revision;
      if (isSent(entry.sessionId, entry.text)) {
        entry.isSaved = true;
        replace(entry, EMPTY);
      }
    } else {
      cancelSave(entry);
      entry.other = { ...draft, isReplaced: false };
      onChange(entry.sessionId);
    }
  };

  const edit = (sessionId: string | null, change: Partial<DraftContent>) => {
    const entry = open(sessionId);
    const content = { ...entry, ...change };
    if (isSameDraft(entry, content)) return;
    Object.assign(entry, change, { isSaved: false });
    store(entry);
    scheduleSave(entry);
  };

  return {
    /** Returns the draft of a session as it is shown. */
    read: (sessionId: string | null): DraftContent & { other: OtherDraft | null } => open(sessionId),
    edit,
    /** Receives the draft as the server has it. */
    receive(sessionId: string | null, draft: Draft) {
      const entry = open(sessionId);
      entry.isKnown = true;
      if (entry.saving !== null) entry.received = draft;
      else apply(entry, draft);
      scheduleSave(entry);
    },
    /** Exchanges the text that is shown and the other one. */
    showOther(sessionId: string | null) {
      const entry = open(sessionId);
      const { other, text, attachments } = entry;
      if (!other) return;
      if (!other.isReplaced) Object.assign(entry, { revision: other.revision, isSaved: true });
      else entry.isSaved = false;
      entry.other = { text, attachments, revision: entry.revision, isReplaced: true };
      replace(entry, other);
      scheduleSave(entry);
    },
    /** Drops the other text. */
    dropOther(sessionId: string | null) {
      const entry = open(sessionId);
      if (isUndecided(entry)) entry.revision = entry.other!.revision;
      entry.other = null;
      onChange(sessionId);
      scheduleSave(entry);
    },
    /**
     * Takes the content to send it, and returns its revision on the server, which that deletes with the message:
     * undefined when the server has another text.
     */
    take(sessionId: string | null): Promise<number | undefined> | number | undefined {
      const entry = open(sessionId);
      cancelSave(entry);
      const getRevision = () => (isUndecided(entry) ? undefined : entry.revision);
      const { saving } = entry;
      Object.assign(entry, EMPTY, { isSaved: true, isTaken: true });
      if (entry.other?.isReplaced) entry.other = null;
      store(entry);
      return saving !== null ? saving.then(getRevision) : getRevision();
    },
    /** Records that a stored message was the server's draft with this revision, which is not shown again. */
    restoreTaken(sessionId: string | null, revision: number) {
      const entry = open(sessionId);
      if (entry.revision <= revision) Object.assign(entry, { revision, isTaken: true });
    },
    /** Moves the draft of the new session to its id. */
    assignSession(sessionId: string) {
      const { text, attachments } = open(null);
      edit(null, EMPTY);
      // It is new, so that no other device has a draft of it.
      open(sessionId).isKnown = true;
      edit(sessionId, { text, attachments });
    },
    /** Saves all changes now. `send` replaces the request, for a page that is being closed. */
    saveAll(send?: SaveDraft) {
      for (const entry of entries.values()) if (entry.saving === null) void saveNow(entry, send);
    },
  };
}

const canSave = (entry: Entry) => entry.isKnown && !entry.isSaved && !isUndecided(entry);

/** Returns whether the person has yet to choose between two texts. Until then, nothing is saved. */
const isUndecided = ({ other }: Entry) => other !== null && !other.isReplaced;
