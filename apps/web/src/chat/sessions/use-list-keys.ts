import type { Session } from '@it0/client/chat-source';
import { type KeyboardEvent, type RefObject, useState } from 'react';

type Options = {
  scroller: RefObject<HTMLElement | null>;
  sessions: Session[];
  /** Session that the Tab key reaches first. */
  initial: string | null;
  scrollTo(id: string): void;
  onRename: ((session: Session) => void) | undefined;
  onDelete: ((session: Session) => void) | undefined;
  onUndo(): void;
};

/** Rows of one step with Page Up and Page Down. */
const PAGE_ROWS = 10;

/** Keyboard control of a list of sessions: one of them is in the Tab order, and the arrow keys move from it. */
export function useListKeys({ scroller, sessions, initial, scrollTo, onRename, onDelete, onUndo }: Options) {
  const [chosen, setActive] = useState(initial);
  const index = Math.max(
    0,
    sessions.findIndex(({ id }) => id === chosen),
  );
  const active = sessions[index];
  const find = (id: string | undefined) =>
    (id && scroller.current?.querySelector<HTMLElement>(`[data-session="${id}"]`)) || null;

  const moveTo = (target: number) => {
    const id = sessions[Math.min(Math.max(target, 0), sessions.length - 1)]?.id;
    if (!id) return;
    setActive(id);
    scrollTo(id);
    // The virtual list renders the row two frames later.
    requestAnimationFrame(() => requestAnimationFrame(() => find(id)?.focus({ preventScroll: true })));
  };
  const move: Record<string, number> = {
    ArrowDown: index + 1,
    ArrowUp: index - 1,
    PageDown: index + PAGE_ROWS,
    PageUp: index - PAGE_ROWS,
    Home: 0,
    End: sessions.length - 1,
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const { key, target, currentTarget } = event;
    // A menu is rendered elsewhere, and its keys are not for the list.
    if (!currentTarget.contains(target as Node)) return;
    const isUndo = key === 'z' && (event.ctrlKey || event.metaKey);
    if (isUndo) onUndo();
    else if (move[key] !== undefined) moveTo(move[key]);
    else if (key === 'F2' && active?.mine && onRename) onRename(active);
    else if (key === 'Delete' && active?.mine && onDelete) {
      onDelete(active);
      moveTo(index + (index === sessions.length - 1 ? -1 : 1));
    } else return;
    event.preventDefault();
  };
  return { activeId: active?.id, setActive, findActive: () => find(active?.id), onKeyDown };
}
