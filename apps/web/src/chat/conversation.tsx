import { useChat, useChatScope } from '@it0/client/react/chat-scope';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { type UIEvent, useEffect, useLayoutEffect, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { Button } from '../ui/button.tsx';
import { OutgoingRow } from './outgoing-row.tsx';
import { TurnRow } from './turn-row.tsx';

/** How near to the top, in pixels, the page before is asked for; how far from the end it counts as scrolled up. */
const olderMargin = 800;
const nearEnd = 160;
const endThreshold = 8;

/** All turns of the open session. It stays at the end while the reader is there, and still when they are not. */
export function Conversation({ name }: { name: string }) {
  const t = useTranslations('chat');
  const { chat } = useChatScope();
  const turns = useChat((state) => state.turns);
  const outgoing = useChat((state) => state.outgoing);
  const loadingOlder = useChat((state) => state.loadingOlder);
  const scroller = useRef<HTMLDivElement>(null);
  const count = turns.length + outgoing.length;
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => turns[index]?.key ?? outgoing[index - turns.length]?.requestId ?? index,
    estimateSize: () => 180,
    overscan: 4,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: endThreshold,
    paddingStart: 16,
    paddingEnd: 16,
  });

  const atEnd = useRef(true);
  useLayoutEffect(() => {
    rows.scrollToEnd();
    // The composer grows and shrinks: whoever was at the end stays there.
    const observer = new ResizeObserver(() => atEnd.current && rows.scrollToEnd());
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [rows]);
  useEffect(
    () =>
      chat.subscribe((now, before) => {
        // A message of one's own is looked at, wherever one was.
        if (now.outgoing.length > before.outgoing.length) requestAnimationFrame(() => rows.scrollToEnd());
      }),
    [chat, rows],
  );

  const onScroll = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLElement>) => {
    atEnd.current = scrollHeight - scrollTop - clientHeight <= endThreshold;
    if (scrollTop < olderMargin) void chat.loadOlder();
  };
  const items = rows.getVirtualItems();
  return (
    <>
      <div
        ref={scroller}
        role="log"
        aria-live="off"
        aria-label={t('conversation')}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a keyboard scrolls what has the focus
        tabIndex={0}
        onScroll={onScroll}
        className="h-full overflow-y-auto overscroll-contain [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div className="relative mx-auto max-w-3xl" style={{ height: rows.getTotalSize() }}>
          <div
            className="absolute inset-x-0 top-0 px-4 sm:px-6"
            style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
          >
            {items.map(({ key, index }) => {
              const turn = turns[index];
              const message = outgoing[index - turns.length];
              return (
                <div key={key} data-index={index} ref={rows.measureElement} className="pb-6">
                  {turn && <TurnRow turn={turn} name={name} />}
                  {message && <OutgoingRow message={message} />}
                </div>
              );
            })}
          </div>
        </div>
      </div>
      {loadingOlder && (
        <p className="-translate-x-1/2 absolute top-2 left-1/2 animate-late rounded-full border border-line bg-raised px-3 py-1 text-soft text-sm">
          {t('older')}
        </p>
      )}
      {rows.scrollOffset !== null && !rows.isAtEnd(nearEnd) && (
        <Button
          aria-label={t('latest')}
          onClick={() => rows.scrollToEnd({ behavior: 'smooth' })}
          className="-translate-x-1/2 absolute bottom-3 left-1/2 animate-fade-in rounded-full bg-raised shadow-(--shadow)"
        >
          <ArrowDown className="size-4" />
          {t('latest')}
        </Button>
      )}
    </>
  );
}
