import type { Session } from '@it0/client/chat-source';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useInfiniteQuery } from '@tanstack/react-query';
import { Plus, X } from 'lucide-react';
import { Dialog } from 'radix-ui';
import { useTranslations } from 'use-intl';
import { usePermission } from '../../sign-in/use-me.ts';
import { Button } from '../../ui/button.tsx';
import { useAgo } from '../../ui/use-ago.ts';
import { useAgent, useCanAsk } from '../agent.tsx';
import { assistantKey } from './recent-sessions.ts';

type Props = { open: boolean; onOpenChange(open: boolean): void };

/** Drawer with the list of the agent's sessions. */
export function SessionDrawer({ open, onOpenChange }: Props) {
  const t = useTranslations();
  const { chat } = useChatScope();
  const canAsk = useCanAsk();
  const withClose = (action: () => void) => () => {
    action();
    onOpenChange(false);
  };
  return (
    <Dialog.Root open={open} onOpenChange={onOpenChange}>
      <Dialog.Overlay className="absolute inset-0 z-20 animate-fade-in bg-scrim" />
      <Dialog.Content
        data-testid="session-drawer"
        aria-describedby={undefined}
        className="absolute inset-y-0 left-0 z-30 flex w-80 max-w-[85vw] animate-drawer-in flex-col border-line border-r bg-panel pt-[env(safe-area-inset-top)] pb-[env(safe-area-inset-bottom)] outline-none"
      >
        <div className="flex items-center gap-2 px-4 py-3">
          <Dialog.Title className="flex-1 font-semibold">{t('chat.sessions')}</Dialog.Title>
          <Dialog.Close asChild>
            <Button variant="ghost" shape="icon" aria-label={t('app.close')}>
              <X className="size-5" />
            </Button>
          </Dialog.Close>
        </div>
        {canAsk && (
          <div className="px-4 pb-3">
            <Button className="w-full" onClick={withClose(chat.startNew)}>
              <Plus className="size-4" />
              {t('chat.newSession')}
            </Button>
          </div>
        )}
        <SessionList onPick={(id) => withClose(() => chat.open(id))()} />
      </Dialog.Content>
    </Dialog.Root>
  );
}

function SessionList({ onPick }: { onPick(id: string): void }) {
  const t = useTranslations();
  const { instance } = useAgent();
  const { source } = useChatScope();
  const current = useChat((state) => state.sessionId);
  const { data, error, hasNextPage, fetchNextPage, refetch } = useInfiniteQuery({
    queryKey: ['sessions', instance?.id ?? assistantKey, 'all'],
    queryFn: ({ pageParam }) => source.listSessions({ cursor: pageParam }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    refetchInterval: 5_000,
  });
  const sessions = data?.pages.flatMap(({ items }) => items);
  return (
    <nav aria-label={t('chat.sessions')} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
      {error && !data && (
        <div role="alert" className="grid justify-items-start gap-2 px-2 text-sm text-soft">
          {t('app.offline')}
          <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
        </div>
      )}
      {sessions?.length === 0 && <p className="px-2 text-faint text-sm">{t('chat.noSessions')}</p>}
      <ul className="grid grid-cols-1 gap-0.5">
        {sessions?.map((session) => (
          <li key={session.id}>
            <SessionItem session={session} current={session.id === current} onPick={() => onPick(session.id)} />
          </li>
        ))}
      </ul>
      {hasNextPage && (
        <Button variant="ghost" className="mt-2 w-full" onClick={() => void fetchNextPage()}>
          {t('chat.more')}
        </Button>
      )}
    </nav>
  );
}

function SessionItem({ session, current, onPick }: { session: Session; current: boolean; onPick(): void }) {
  const t = useTranslations('chat');
  const ago = useAgo();
  const canDecide = usePermission('approval:decide');
  return (
    <button
      type="button"
      aria-current={current || undefined}
      onClick={onPick}
      className="flex min-h-12 w-full flex-col justify-center rounded-lg px-3 py-2 text-left hover:bg-raised aria-[current]:bg-accent-wash focus-visible:-outline-offset-2"
    >
      <span className="w-full truncate">{session.title}</span>
      <span className="flex gap-2 text-xs">
        {!session.mine && session.ownerName && (
          <span className="truncate text-soft">{t('by', { name: session.ownerName })}</span>
        )}
        <span className="shrink-0 text-faint">{ago(session.lastActiveAt)}</span>
        {session.pendingApprovals > 0 ? (
          <span className="truncate font-medium text-warn">{t(canDecide ? 'waiting' : 'waitingForOthers')}</span>
        ) : (
          session.running && <span className="text-accent">{t('running')}</span>
        )}
      </span>
    </button>
  );
}
