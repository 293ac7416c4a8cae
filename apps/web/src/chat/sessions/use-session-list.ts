import type { Session, SessionList, SessionPage } from '@it0/client/chat-source';
import { mergePages } from '@it0/client/group-sessions';
import { useChatScope } from '@it0/client/react/chat-scope';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useAgent } from '../agent.tsx';
import { assistantKey } from './recent-sessions.ts';

const PAGE_SIZE = 50;
const REFRESH_MS = 5_000;

/**
 * Returns a list of the agent's sessions. Its first page is refreshed every few seconds, and `loadMore` loads the next
 * one. `update` changes a session in the list at once, or removes it with null.
 */
export function useSessionList(list: SessionList) {
  const { instance } = useAgent();
  const { source } = useChatScope();
  const cache = useQueryClient();
  const key = ['sessions', instance?.id ?? assistantKey, list];
  const newestKey = [...key, 'newest'];
  // All sessions that were read, also those that have left the first page since others became active.
  const [known] = useState(() => new Map<string, Session>());
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const read = async (cursor?: string) => {
    const page = await source.listSessions({ list, limit: PAGE_SIZE, cursor });
    for (const session of page.items) known.set(session.id, session);
    return page;
  };
  const newest = useQuery({ queryKey: newestKey, queryFn: () => read(), refetchInterval: REFRESH_MS });
  const older = useInfiniteQuery({
    queryKey: [...key, 'older'],
    queryFn: ({ pageParam }) => read(pageParam),
    initialPageParam: newest.data?.nextCursor ?? undefined,
    getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
    // Loaded by `loadMore` only, and never again: a long list would be read every few seconds.
    ...{ enabled: false, gcTime: 0 },
  });
  const isListed = ({ id }: Session) => !removed.includes(id);
  const sessions = newest.data && mergePages(newest.data.items, [[...known.values()]]).filter(isListed);
  const update = (id: string, session: Session | null) => {
    setRemoved((ids) => (session ? ids.filter((other) => other !== id) : [...ids, id]));
    if (session) known.set(id, session);
    cache.setQueryData(newestKey, (page: SessionPage | undefined) => page && replaceIn(page, session));
    const isFirstPage = ({ queryKey }: { queryKey: readonly unknown[] }) => !queryKey.includes('older');
    void cache.invalidateQueries({ queryKey: key.slice(0, 2), predicate: isFirstPage });
  };
  const hasMore = older.data ? older.hasNextPage : Boolean(newest.data?.nextCursor);
  const loadMore = () => {
    if (hasMore && !older.isFetching) void older.fetchNextPage();
  };
  return { sessions, error: newest.error, refetch: newest.refetch, hasMore, loadMore, update };
}

/** Replaces a session on the first page. A session that has been pinned moves there. */
function replaceIn(page: SessionPage, session: Session | null): SessionPage {
  if (!session) return page;
  const isOnPage = page.items.some(({ id }) => id === session.id);
  const items = page.items.map((item) => (item.id === session.id ? session : item));
  return { ...page, items: session.pinned && !isOnPage ? [session, ...items] : items };
}
