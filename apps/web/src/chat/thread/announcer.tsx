import { useChat } from '@it0/client/react/chat-scope';
import { isTerminal } from '@it0/contracts/event-kinds';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { findActiveTurn } from '../use-active-task-id.ts';

/** Announces changes of status to screen readers, instead of every piece of text. */
export function Announcer({ name }: { name: string }) {
  const t = useTranslations('chat');
  const canDecide = usePermission('approval:decide');
  // Of the task that runs, if there is one. Messages behind it can wait, or be removed.
  const status = useChat(({ turns }) => (findActiveTurn(turns) ?? turns.at(-1))?.reply?.status ?? null);
  const [announcement, setAnnouncement] = useState<'answering' | 'complete' | 'needsApproval' | null>(null);
  useEffect(() => {
    setAnnouncement((before) => {
      if (status === 'WAITING_APPROVAL') return 'needsApproval';
      if (status && !isTerminal(status)) return 'answering';
      return before && 'complete';
    });
  }, [status]);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {announcement &&
        t(announcement === 'needsApproval' && !canDecide ? 'needsOthersApproval' : announcement, { name })}
    </p>
  );
}
