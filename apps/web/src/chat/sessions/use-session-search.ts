import { keepPreviousData } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { trpc } from '../../trpc.ts';

/** Pause in typing after which a search starts. */
const DELAY_MS = 200;
const LIMIT = 30;

/**
 * Searches the messages, outputs of tools and titles that the user may read: of all agents, or of one, whose key is the
 * id of its instance or `assistant`. Returns no matches for an empty query.
 */
export function useSessionSearch(query: string, agent?: string) {
  const [settled, setSettled] = useState(query);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(query), DELAY_MS);
    return () => clearTimeout(timer);
  }, [query]);
  const isEmpty = !/[\p{L}\p{N}]/u.test(settled);
  const { data, error, isFetching } = trpc.session.search.useQuery(
    { query: settled.slice(0, 200), agent, limit: LIMIT },
    { enabled: !isEmpty, placeholderData: keepPreviousData, staleTime: 10_000 },
  );
  return {
    matches: isEmpty ? [] : (data?.matches ?? []),
    more: !isEmpty && (data?.more ?? false),
    error,
    isSearching: !isEmpty && (isFetching || settled !== query),
  };
}
