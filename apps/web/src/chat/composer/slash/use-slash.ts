import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { type KeyboardEvent, useId, useState } from 'react';
import { filterEntries, readSlashQuery } from './filter-entries.ts';
import { type Entry, type SlashActions, useSlashEntries } from './use-slash-entries.tsx';

/**
 * The list that `/` opens at the beginning of a message. No entry is active at first, so that Enter sends what is
 * written; the arrow keys choose one.
 */
export function useSlash(actions: SlashActions) {
  const { chat } = useChatScope();
  const id = useId();
  const query = useChat(({ draft }) => readSlashQuery(draft));
  const [closedAt, setClosedAt] = useState<string | null>(null);
  const [state, setState] = useState<{ query: string | null; active: number }>({ query: null, active: -1 });
  const active = state.query === query ? state.active : -1;
  const all = useSlashEntries(query !== null, actions);
  const isOpen = query !== null && !(closedAt !== null && query.startsWith(closedAt));
  if (closedAt !== null && query === null) setClosedAt(null);
  const entries = isOpen ? filterEntries(all, query) : NONE;
  const setActive = (index: number) => setState({ query, active: index });
  const choose = (entry: Entry) => {
    if (!entry.isPrompt) chat.setDraft('');
    entry.run();
  };
  /** Handles a key of the message field. Returns false for keys that are not the list's. */
  const onKeyDown = (event: KeyboardEvent): boolean => {
    if (entries.length === 0 || event.ctrlKey || event.metaKey || event.altKey) return false;
    const { key } = event;
    if (key === 'ArrowDown') setActive(active >= entries.length - 1 ? 0 : active + 1);
    else if (key === 'ArrowUp') setActive(active <= 0 ? entries.length - 1 : active - 1);
    else if (key === 'Escape') setClosedAt(query);
    else if ((key === 'Enter' || key === 'Tab') && !event.shiftKey && entries[active]) choose(entries[active]);
    else return false;
    event.preventDefault();
    return true;
  };
  const fieldProps =
    entries.length > 0
      ? ({
          ...{ 'aria-autocomplete': 'list', 'aria-haspopup': 'listbox', 'aria-controls': id },
          'aria-activedescendant': active >= 0 ? `${id}-${active}` : undefined,
        } as const)
      : {};
  return { id, entries, active, setActive, choose, onKeyDown, fieldProps };
}

const NONE: Entry[] = [];

export type Slash = ReturnType<typeof useSlash>;
