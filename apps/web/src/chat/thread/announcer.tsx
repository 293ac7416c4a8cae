import { useChat } from '@it0/client/react/chat-scope';
import { isTerminal } from '@it0/contracts/chat-event';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';

/** Tells a screen reader what changes, a few times per answer instead of once per token. */
export function Announcer({ name }: { name: string }) {
  const t = useTranslations('chat');
  const decides = usePermission('approval:decide');
  const status = useChat(({ turns }) => turns.at(-1)?.reply?.status ?? null);
  const [said, setSaid] = useState<'answering' | 'complete' | 'needsApproval' | null>(null);
  useEffect(() => {
    setSaid((before) => {
      if (status === 'WAITING_APPROVAL') return 'needsApproval';
      if (status && !isTerminal(status)) return 'answering';
      return before && 'complete';
    });
  }, [status]);
  return (
    <p role="status" aria-live="polite" className="sr-only">
      {said && t(said === 'needsApproval' && !decides ? 'needsOthersApproval' : said, { name })}
    </p>
  );
}
