import type { SessionList as ListName, Session } from '@it0/client/chat-source';
import { groupSessions } from '@it0/client/group-sessions';
import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../../ui/button.tsx';
import { useNow } from '../../ui/time/use-now.ts';
import { RenameSession } from './rename-session.tsx';
import { SessionRow } from './session-row.tsx';
import { UndoBar } from './undo-bar.tsx';
import { useGroupName } from './use-group-name.ts';
import { useListKeys } from './use-list-keys.ts';
import { useSessionActions } from './use-session-actions.ts';
import { useSessionList } from './use-session-list.ts';
import { useSessionRows } from './use-session-rows.ts';

type Props = { list: ListName; onPick(sessionId: string): void; onRemoved(sessionId: string): void };

/** Rows from the end at which the next page is loaded. */
const LOAD_MARGIN = 10;

/** One of the agent's lists of sessions, grouped by day. Only the visible rows are rendered. */
export function SessionList({ list, onPick, onRemoved }: Props) {
  const t = useTranslations();
  const formatGroup = useGroupName();
  const { chat } = useChatScope();
  const current = useChat((state) => state.sessionId);
  const now = useNow(60_000);
  const { sessions, error, refetch, hasMore, loadMore, update } = useSessionList(list);
  const actions = useSessionActions((id, session) => {
    update(id, session);
    if (session) chat.setTitle(id, session.title);
    else onRemoved(id);
  });
  const [renamed, setRenamed] = useState<Session | null>(null);
  const scroller = useRef<HTMLElement>(null);
  const rows = groupSessions(sessions ?? [], now).flatMap(({ key, sessions: grouped }) => [
    { key, group: key, session: null },
    ...grouped.map((session) => ({ key: session.id, group: null, session })),
  ]);
  const keys = useListKeys({
    scroller,
    sessions: rows.flatMap(({ session }) => session ?? []),
    initial: current,
    // With the heading above it.
    scrollTo: (id) => virtual.scrollToIndex(Math.max(0, rows.findIndex(({ key }) => key === id) - 1)),
    onRename: list === 'deleted' ? undefined : setRenamed,
    onDelete: list === 'deleted' ? undefined : actions.remove,
    onUndo: actions.undo,
  });
  const { virtual, items } = useSessionRows(scroller, rows, keys.activeId);
  const end = virtual.range?.endIndex ?? 0;
  const nearEnd = hasMore && end >= rows.length - LOAD_MARGIN;
  useEffect(() => {
    if (nearEnd) loadMore();
  });
  return (
    <>
      <nav
        ref={scroller}
        aria-label={t('sessions.list')}
        aria-description={t('sessions.keys')}
        onKeyDown={keys.onKeyDown}
        className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-3"
      >
        {error && !sessions && (
          <div role="alert" className="grid justify-items-start gap-2 px-2 text-sm text-soft">
            {t('app.offline')}
            <Button onClick={() => void refetch()}>{t('app.retry')}</Button>
          </div>
        )}
        {sessions?.length === 0 && <p className="px-2 text-faint text-sm">{t(`sessions.empty.${list}`)}</p>}
        <ul className="relative" style={{ height: virtual.getTotalSize() }}>
          {items.map(({ index, key, start }) => {
            const { group, session } = rows[index]!;
            return (
              <li key={key} className="absolute inset-x-0 top-0" style={{ transform: `translateY(${start}px)` }}>
                {group && <h3 className="px-3 pt-3 pb-1 font-medium text-faint text-xs">{formatGroup(group)}</h3>}
                {session && (
                  <SessionRow
                    {...{ session, actions }}
                    current={session.id === current}
                    active={session.id === keys.activeId}
                    onFocus={() => keys.setActive(session.id)}
                    onPick={() => onPick(session.id)}
                    onRename={() => setRenamed(session)}
                  />
                )}
              </li>
            );
          })}
        </ul>
      </nav>
      <UndoBar actions={actions} />
      <RenameSession
        session={renamed}
        onRename={actions.rename}
        onClose={() => setRenamed(null)}
        returnTo={keys.findActive}
      />
    </>
  );
}
