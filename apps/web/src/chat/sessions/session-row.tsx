import type { Session } from '@it0/client/chat-source';
import { Pin } from 'lucide-react';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { useAgo } from '../../ui/time/use-ago.ts';
import { SessionMenu } from './session-menu.tsx';
import type { SessionActions } from './use-session-actions.ts';

type Props = {
  session: Session;
  actions: SessionActions;
  /** The session is open in the chat. */
  current: boolean;
  /** The Tab key reaches the row. */
  active: boolean;
  onFocus(): void;
  onPick(): void;
  onRename(): void;
};

/** A session in the list. A deleted one cannot be opened. */
export function SessionRow({ session, actions, current, active, onFocus, onPick, onRename }: Props) {
  const t = useTranslations('sessions');
  const { id, title, deletedAt, unread } = session;
  const tabIndex = active ? 0 : -1;
  return (
    <div className="flex items-center rounded-lg hover:bg-raised has-aria-[current]:bg-accent-wash">
      <button
        type="button"
        data-session={id}
        tabIndex={tabIndex}
        aria-current={current || undefined}
        aria-disabled={deletedAt !== null || undefined}
        onFocus={onFocus}
        onClick={deletedAt ? undefined : onPick}
        className="flex min-h-12 min-w-0 flex-1 flex-col justify-center rounded-lg px-3 py-2 text-left focus-visible:-outline-offset-2 aria-disabled:cursor-default"
      >
        <span className={`flex w-full items-center gap-2 ${unread ? 'font-semibold' : ''}`}>
          {unread && <span className="size-2 shrink-0 rounded-full bg-accent" />}
          <span className="min-w-0 flex-1 truncate" dir="auto">
            {title}
          </span>
          {session.pinned && <Pin className="size-3.5 shrink-0 text-faint" aria-label={t('pinned')} />}
          {unread && <span className="sr-only">{t('unread')}</span>}
        </span>
        <Facts session={session} />
      </button>
      {deletedAt ? (
        <Button tabIndex={tabIndex} className="mr-1" onClick={() => actions.bringBack(session)}>
          {t('restore')}
        </Button>
      ) : (
        <SessionMenu {...{ session, actions, tabIndex, onRename }} />
      )}
    </div>
  );
}

function Facts({
  session: { mine, ownerName, lastActiveAt, deletedAt, pendingApprovals, running },
}: {
  session: Session;
}) {
  const t = useTranslations();
  const ago = useAgo();
  const canDecide = usePermission('approval:decide');
  return (
    <span className="flex w-full gap-2 text-xs">
      {!mine && ownerName && <span className="truncate text-soft">{t('chat.by', { name: ownerName })}</span>}
      <span className="shrink-0 text-faint">
        {deletedAt ? t('sessions.deletedAgo', { ago: ago(deletedAt) }) : ago(lastActiveAt)}
      </span>
      {pendingApprovals > 0 ? (
        <span className="truncate font-medium text-warn">
          {t(canDecide ? 'chat.waiting' : 'chat.waitingForOthers')}
        </span>
      ) : (
        running && <span className="text-accent">{t('chat.running')}</span>
      )}
    </span>
  );
}
