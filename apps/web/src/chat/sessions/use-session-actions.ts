import type { Session } from '@it0/client/chat-source';
import { toExportUrl } from '@it0/contracts/export-path';
import type { ExportFormat } from '@it0/contracts/session-export';
import { useState } from 'react';
import { client } from '../../trpc.ts';
import { useAction } from '../../ui/toast/use-action.ts';

/** A change that can be undone. */
export type Undoable = { kind: 'deleted' | 'archived'; session: Session };

type Change = { pinned?: boolean; archived?: boolean; title?: string };

/** Returns the actions of the sessions of a list. `update` shows their results in it. */
export function useSessionActions(update: (id: string, session: Session | null) => void) {
  const { run } = useAction();
  const [undoable, setUndoable] = useState<Undoable | null>(null);

  const change = async ({ id }: Session, input: Change) =>
    update(id, await client.session.update.mutate({ sessionId: id, ...input }));
  const remove = (session: Session) =>
    run(async () => {
      await client.session.delete.mutate({ sessionId: session.id });
      update(session.id, null);
      setUndoable({ kind: 'deleted', session });
    });
  const archive = (session: Session) =>
    run(async () => {
      await client.session.update.mutate({ sessionId: session.id, archived: true });
      update(session.id, null);
      setUndoable({ kind: 'archived', session });
    });
  const undo = () => {
    if (!undoable) return;
    const { kind, session } = undoable;
    setUndoable(null);
    run(async () => {
      if (kind === 'deleted') update(session.id, await client.session.restore.mutate({ sessionId: session.id }));
      else await change(session, { archived: false, pinned: session.pinned });
    });
  };
  return {
    undoable,
    undo,
    remove,
    archive,
    rename: (session: Session, title: string) => change(session, { title }),
    pin: (session: Session, pinned: boolean) => run(() => change(session, { pinned })),
    /** Moves an archived or deleted session back to the active ones. */
    bringBack: (session: Session) =>
      run(async () => {
        if (session.deletedAt) await client.session.restore.mutate({ sessionId: session.id });
        else await client.session.update.mutate({ sessionId: session.id, archived: false });
        update(session.id, null);
      }),
    download: ({ id: sessionId }: Session, format: ExportFormat) => {
      const link = document.createElement('a');
      link.href = toExportUrl({ sessionId, format });
      link.download = '';
      link.click();
    },
  };
}

export type SessionActions = ReturnType<typeof useSessionActions>;
