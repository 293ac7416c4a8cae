import { useChatScope } from '@it0/client/react/chat-scope';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, type UIEvent, useEffect, useLayoutEffect, useRef } from 'react';

/** In pixels: how near to the end still is at the end, and how near to the top the page before is asked for. */
const endThreshold = 8;
const olderMargin = 800;

/** Which rows of a conversation are on the page. It stays at its end while the reader is there, and still when not. */
export function useRows(scroller: RefObject<HTMLElement | null>, keys: string[]) {
  const { chat } = useChatScope();
  const rows = useVirtualizer({
    count: keys.length,
    getScrollElement: () => scroller.current,
    getItemKey: (index) => keys[index] ?? index,
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
  }, [rows, scroller]);

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
  return { rows, onScroll };
}
