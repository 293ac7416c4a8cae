import { hasOlder } from '@it0/client/chat-view';
import { useChatScope } from '@it0/client/react/chat-scope';
import { measureElement, useVirtualizer, type Virtualizer, type VirtualizerOptions } from '@tanstack/react-virtual';
import {
  type KeyboardEvent,
  type RefObject,
  type UIEvent,
  useCallback,
  useEffect,
  useLayoutEffect,
  useRef,
  useState,
} from 'react';
import { END_THRESHOLD_PX, useFollowEnd } from './use-follow-end.ts';

/** Distance from the top or the end at which the next page is loaded. */
const PAGE_MARGIN_PX = 800;
/** Distance from the end from which the button to jump back is shown. */
const NEAR_END_PX = 160;
/** More than the height of any conversation, so that the first rows are rendered at its end. */
const BEYOND_END_PX = 1e7;
/** Space above a message that is scrolled to. */
const ANCHOR_MARGIN_PX = 32;

type Options = VirtualizerOptions<HTMLElement, Element>;
type ScrollOptions = Parameters<Options['scrollToFn']>[1];

type Rows = {
  keys: string[];
  /** Returns the expected height of a row that has not been rendered yet. */
  estimateSize(index: number): number;
  /** Row to scroll to, once per object. */
  anchor: { index: number } | null;
  /** Whether the rows end with the end of the session. */
  isAtLatest: boolean;
};

/** Virtual list of a conversation. It follows the end while the reader is there, and does not scroll otherwise. */
export function useRows(scroller: RefObject<HTMLElement | null>, { keys, estimateSize, anchor, isAtLatest }: Rows) {
  const { chat } = useChatScope();
  const end = useFollowEnd(scroller, isAtLatest, anchor === null);
  const previous = useRef<{ rows: Virtualizer<HTMLElement, Element>; first: string | undefined }>(null);
  /**
   * The list puts rows in front and changes heights relative to the last scroll event. The reader may have scrolled
   * since, which must not be lost.
   */
  const noteScroll = useCallback(() => {
    const element = scroller.current;
    if (element && previous.current && end.hasMoved(element)) previous.current.rows.scrollOffset = element.scrollTop;
  }, [scroller, end.hasMoved]);
  if (previous.current?.first !== keys[0]) noteScroll();
  const [isNearEnd, setNearEnd] = useState(anchor === null);
  const follow = useCallback(() => {
    noteScroll();
    setNearEnd(end.follow() <= NEAR_END_PX);
  }, [noteScroll, end.follow]);
  const rows = useVirtualizer<HTMLElement, Element>({
    count: keys.length,
    getScrollElement: () => scroller.current,
    getItemKey: useCallback((index: number) => keys[index] ?? index, [keys]),
    // Rows that change their height are moved without rendering, in the frame in which they change.
    directDomUpdates: true,
    directDomUpdatesMode: 'position',
    onChange: follow,
    initialOffset: anchor ? 0 : BEYOND_END_PX,
    estimateSize,
    measureElement: useCallback<NonNullable<Options['measureElement']>>(
      (...measured) => {
        noteScroll();
        return measureElement(...measured);
      },
      [noteScroll],
    ),
    overscan: 4,
    anchorTo: 'end',
    followOnAppend: isAtLatest,
    scrollEndThreshold: END_THRESHOLD_PX,
    scrollPaddingStart: ANCHOR_MARGIN_PX,
    scrollToFn: useCallback<Options['scrollToFn']>(
      (offset, options, { scrollElement }) => {
        if (!scrollElement) return;
        scrollTo(scrollElement, offset, options);
        end.notePosition(scrollElement);
      },
      [end.notePosition],
    ),
    paddingStart: 16,
    paddingEnd: 16,
  });

  previous.current = { rows, first: keys[0] };

  useLayoutEffect(() => {
    if (keys.length > 0) follow();
  }, [keys, follow]);
  const scrollToEnd = useCallback(() => {
    rows.scrollToEnd();
    end.scrollToEnd();
  }, [rows, end.scrollToEnd]);
  useLayoutEffect(() => {
    if (!scroller.current) return;
    // Stays at the end when the composer changes its height.
    const observer = new ResizeObserver(([entry]) => {
      const element = entry?.target as HTMLElement;
      if (isAtLatest && end.track(element).isFollowing) scrollToEnd();
    });
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [scroller, isAtLatest, end.track, scrollToEnd]);

  useLayoutEffect(() => {
    if (!anchor) return;
    end.unfollow();
    rows.scrollToIndex(anchor.index, { align: 'start' });
  }, [rows, anchor, end.unfollow]);

  useEffect(
    () =>
      chat.subscribe((now, before) => {
        // Scrolls to a message that the user has just sent.
        if (now.outgoing.length > before.outgoing.length) requestAnimationFrame(scrollToEnd);
      }),
    [chat, scrollToEnd],
  );

  const onScroll = ({ currentTarget }: UIEvent<HTMLElement>) => {
    const { distance, isFollowing } = end.track(currentTarget);
    if (isAtLatest && isFollowing && distance > 1) end.scrollToEnd();
    setNearEnd(distance <= NEAR_END_PX);
    if (currentTarget.scrollTop < PAGE_MARGIN_PX) void chat.loadOlder();
    if (distance < PAGE_MARGIN_PX) void chat.loadNewer();
  };

  /** Shows the end of the session at once: the reply would interrupt a smooth scroll. */
  const jumpToLatest = () => {
    if (isAtLatest) scrollToEnd();
    chat.showLatest();
  };
  const jumpToFirst = () => {
    end.unfollow();
    rows.scrollToOffset(0);
    if (hasOlder(chat.getState())) void chat.showMessage({ at: FIRST_TIME }).catch(() => {});
  };
  // The browser would scroll smoothly, and only to the end of what is loaded.
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.target !== event.currentTarget) return;
    if (event.key === 'End') jumpToLatest();
    else if (event.key === 'Home') jumpToFirst();
    else return;
    event.preventDefault();
  };
  return { rows, isNearEnd, onScroll, onKeyDown, jumpToLatest };
}

/**
 * Scrolls to an offset, or by the adjustment for a row above that has changed its height. The adjustment is relative to
 * the position of the element, not to the last scroll event: the reader may have scrolled since.
 */
function scrollTo(element: Element, offset: number, { adjustments, behavior }: ScrollOptions) {
  const top = adjustments === undefined ? offset : element.scrollTop + adjustments;
  element.scrollTo({ top, behavior });
}

const FIRST_TIME = new Date(0).toISOString();
