import { useChat } from '@it0/client/react/chat-scope';
import { type KeyboardEvent, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { useAgo } from '../../ui/time/use-ago.ts';
import { useErrorMessage } from '../../ui/use-error-message.ts';
import { useAgent } from '../agent.tsx';
import { assistantKey } from './recent-sessions.ts';
import { useSessionSearch } from './use-session-search.ts';

type Match = ReturnType<typeof useSessionSearch>['matches'][number];
type Props = { query: string; onPick(sessionId: string, messageId: string | null): void };

/** Matches of a search in the sessions of the chat's agent. The arrow keys move between them. */
export function SearchResults({ query, onPick }: Props) {
  const t = useTranslations('sessions');
  const formatError = useErrorMessage();
  const { instance } = useAgent();
  const { matches, more, error, isSearching } = useSessionSearch(query, instance?.id ?? assistantKey);
  const list = useRef<HTMLUListElement>(null);
  const status = isSearching ? t('searching') : t('found', { count: matches.length, more: more ? 'yes' : 'no' });
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const buttons = [...(list.current?.querySelectorAll('button') ?? [])];
    const at = buttons.indexOf(document.activeElement as HTMLButtonElement);
    if (step === undefined || at < 0 || !buttons[at + step]) return;
    event.preventDefault();
    buttons[at + step]!.focus();
  };
  return (
    <nav aria-label={t('results')} className="min-h-0 flex-1 overflow-y-auto overscroll-contain px-2 pb-3">
      <p role="status" className="px-3 pb-1 text-faint text-xs">
        {error ? formatError(error) : status}
      </p>
      <ul ref={list} onKeyDown={onKeyDown} className="grid grid-cols-1 gap-0.5">
        {matches.map((match) => (
          <li key={match.messageId ?? match.sessionId}>
            <MatchButton match={match} onPick={() => onPick(match.sessionId, match.messageId)} />
          </li>
        ))}
      </ul>
    </nav>
  );
}

function MatchButton({
  match: { sessionId, title, at, snippet, messageId },
  onPick,
}: {
  match: Match;
  onPick(): void;
}) {
  const ago = useAgo();
  const current = useChat((state) => state.sessionId === sessionId);
  return (
    <button
      type="button"
      data-match
      aria-current={current || undefined}
      onClick={onPick}
      className="flex min-h-12 w-full flex-col justify-center gap-0.5 rounded-lg px-3 py-2 text-left hover:bg-raised aria-[current]:bg-accent-wash focus-visible:-outline-offset-2"
    >
      <span className="flex w-full items-baseline gap-2">
        <span className="min-w-0 flex-1 truncate" dir="auto">
          {messageId ? title : <Snippet pieces={snippet} />}
        </span>
        <span className="shrink-0 text-faint text-xs">{ago(at)}</span>
      </span>
      {messageId && (
        <span className="line-clamp-3 w-full text-soft text-sm [overflow-wrap:anywhere]" dir="auto">
          <Snippet pieces={snippet} />
        </span>
      )}
    </button>
  );
}

/** The text around a match, with the matches marked. */
export const Snippet = ({ pieces }: { pieces: Match['snippet'] }) =>
  pieces.map(({ text, match }, index) =>
    match ? (
      <mark key={index} className="rounded-sm bg-warn-wash font-medium text-ink">
        {text}
      </mark>
    ) : (
      text
    ),
  );
