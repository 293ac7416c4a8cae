import { useChatScope } from '@it0/client/react/chat-scope';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type RefObject, type UIEvent, useEffect, useLayoutEffect, useRef } from 'react';

/** Distance from the end that still counts as the end. */
const END_THRESHOLD_PX = 8;
/** Distance from the top at which the next older page is loaded. */
const OLDER_MARGIN_PX = 800;

/** Virtual list of a conversation. It follows the end while the reader is there, and does not scroll otherwise. */
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
    scrollEndThreshold: END_THRESHOLD_PX,
    paddingStart: 16,
    paddingEnd: 16,
  });

  const atEnd = useRef(true);
  useLayoutEffect(() => {
    rows.scrollToEnd();
    // Stays at the end when the composer changes its height.
    const observer = new ResizeObserver(() => atEnd.current && rows.scrollToEnd());
    if (scroller.current) observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [rows, scroller]);

  useEffect(
    () =>
      chat.subscribe((now, before) => {
        // Scrolls to a message that the user has just sent.
        if (now.outgoing.length > before.outgoing.length) requestAnimationFrame(() => rows.scrollToEnd());
      }),
    [chat, rows],
  );

  const onScroll = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: UIEvent<HTMLElement>) => {
    atEnd.current = scrollHeight - scrollTop - clientHeight <= END_THRESHOLD_PX;
    if (scrollTop < OLDER_MARGIN_PX) void chat.loadOlder();
  };
  return { rows, onScroll };
}
